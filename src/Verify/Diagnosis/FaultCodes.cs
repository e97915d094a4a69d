namespace Throughline.Verify;

/// <summary>What can be wrong, each named once. With the component it is a cause's id, so a name never changes its meaning.</summary>
public static class FaultCodes
{
    // A process
    public const string NotRunning = "not_running";
    public const string Hung = "hung";
    public const string Starved = "starved";
    public const string CrashLoop = "crash_loop";
    public const string Ended = "ended";
    public const string TooManyOpenFiles = "too_many_open_files";
    public const string TooManyThreads = "too_many_threads";
    public const string OutOfMemory = "out_of_memory";
    public const string Slow = "slow";
    public const string Busy = "busy";

    // A machine
    public const string NoTemporaryFiles = "no_temporary_files";
    public const string NoPortLeft = "no_port_left";

    // The way to a process
    public const string PortBlocked = "port_blocked";

    // A name
    public const string WrongName = "wrong_name";

    // What a start can fail of
    public const string Configuration = "configuration";
    public const string MissingSecret = "missing_secret";
    public const string WrongClientSecret = "wrong_client_secret";
    public const string PortTaken = "port_taken";
    public const string NotPrivate = "not_private";
    public const string OtherMasterKey = "other_master_key";
    public const string Incomplete = "incomplete";

    // Discovery
    public const string MissingRecord = "missing_record";
    public const string UnreadableRecord = "unreadable_record";
    public const string StaleRecord = "stale_record";
    public const string WrongInstance = "wrong_instance";
    public const string WrongPort = "wrong_port";

    // Signing
    public const string DifferentSecrets = "different_secrets";
    public const string DifferentAlgorithms = "different_algorithms";
    public const string DifferentIssuers = "different_issuers";
    public const string DifferentKeys = "different_keys";
    public const string DifferentAudiences = "different_audiences";
    public const string DifferentClaims = "different_claims";
    public const string ClockSkew = "clock_skew";
    public const string ShortTokens = "tokens_expire_at_once";

    // What stands in front of a service
    public const string TokenStripped = "token_stripped";
    public const string UpgradeRefused = "upgrade_refused";
    public const string SubprotocolStripped = "subprotocol_stripped";
    public const string UnknownHost = "unknown_host";
    public const string ConnectionCut = "connection_cut";
    public const string Stalled = "stalled";
    public const string Garbled = "garbled";
    public const string ChangesEvents = "changes_events";
    public const string MixesUsers = "mixes_users";
    public const string HidesLimits = "hides_limits";
    public const string Answers = "answers_otherwise";

    // Socket
    public const string OriginRefused = "origin_refused";
    public const string AtCapacity = "at_capacity";
    public const string TooFewSockets = "too_few_sockets";
    public const string TokenRefused = "token_refused";
    public const string NoToken = "no_token_arrives";
    public const string FrameTooBig = "frame_too_big";
    public const string TooManyRefusedFrames = "too_many_refused_frames";
    public const string SessionRevoked = "session_revoked";
    public const string ProtocolErrors = "protocol_errors";

    // Key-value store
    public const string WrongPassword = "wrong_password";
    public const string Unreachable = "unreachable";
    public const string WrongStoreAddress = "wrong_store_address";
    public const string StoreSlow = "store_slow";
    public const string DataUnreadable = "data_unreadable";
    public const string StoreFull = "store_full";
    public const string StoreForbids = "store_forbids";
    public const string StoreReadOnly = "store_read_only";
    public const string BreakerOpen = "breaker_open";

    // Database
    public const string DatabaseLocked = "database_locked";
    public const string DatabaseReadOnly = "database_read_only";
    public const string DatabaseDamaged = "database_damaged";
    public const string DatabaseMissing = "database_missing";
    public const string DatabaseUnmigrated = "database_unmigrated";
    public const string DatabaseUnreachable = "database_unreachable";
    public const string DatabasePassword = "database_wrong_password";
    public const string DatabaseFails = "database_fails";
    public const string DiskFull = "disk_full";

    // Features
    public const string SyncStopped = "sync_stopped";
    public const string SyncSlow = "sync_slow";
    public const string CopyDiverges = "copy_diverges";
    public const string LimiterOff = "limiter_off";
    public const string LimiterStrict = "limiter_too_strict";
    public const string Overloaded = "overloaded";
    public const string AgentFails = "agent_fails";
    public const string ModelFails = "model_fails";
    public const string FilesUnwritable = "files_cannot_be_written";
    public const string ClientRefused = "client_refused";
    public const string FilesGone = "files_gone";
    public const string MailFails = "mail_fails";
    public const string PageIncomplete = "page_incomplete";
    public const string WrongAddress = "wrong_address";
    public const string HealthyButBroken = "healthy_but_broken";

    // Promises that a program breaks
    public const string LetsIn = "lets_in_who_must_be_refused";
    public const string GrantsTooMuch = "grants_too_much";
    public const string WrongFigures = "wrong_figures";
    public const string Forgets = "forgets";
    public const string KeepsDeleted = "keeps_what_was_deleted";
    public const string LosesEvents = "loses_events";
    public const string RepeatsEvents = "repeats_events";
    public const string LosesRuns = "loses_runs";
    public const string DoesNotTryAgain = "does_not_try_again";
    public const string DoesNotRestart = "does_not_restart";
}
