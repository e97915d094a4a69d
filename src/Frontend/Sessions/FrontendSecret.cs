using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend.Sessions;

/// <summary>What <see cref="FrontendProof"/> consists of, made by the launcher.</summary>
internal sealed class FrontendSecret(StateFolder state)
{
    public string Value { get; } = state.ReadSecret(FrontendProof.Secret);
}
