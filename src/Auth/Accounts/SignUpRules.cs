using System.Net.Mail;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;
using Zxcvbn.Matcher;

namespace Throughline.Auth.Accounts;

/// <summary>What an account may be called, and which passwords are no protection.</summary>
internal static class SignUpRules
{
    public const int MinPasswordLength = 12;
    public const int MaxPasswordLength = 256;
    private const int MaxEmailLength = 254;
    private const int MaxNameLength = 100;

    /// <summary>Estimating is slow for long texts; nothing that is guessable becomes safe past this length.</summary>
    private const int EstimatedLength = 72;

    /// <summary>The estimator's list of passwords from breaches; a variant of one, as <c>p4ssw0rd</c>, counts as on it.</summary>
    private const string LeakedPasswords = "passwords";

    /// <summary>Below 2, some million guesses find it: it stands in lists of common and breached passwords, or follows a pattern.</summary>
    private const int LeastScore = 2;

    /// <returns>Null where the request is fine.</returns>
    public static ProblemHttpResult? Check(SignUpRequest request)
    {
        var errors = new Dictionary<string, string[]>();
        if (!IsEmail(request.Email)) errors["email"] = ["Enter an e-mail address, such as maya@example.com."];
        if (request.Name is { } name && CheckName(name) is { } nameError) errors["name"] = [nameError];
        if (string.IsNullOrEmpty(request.Password)) errors["password"] = ["Enter a password."];
        else if (request.Password.Length > MaxPasswordLength) errors["password"] = [$"{MaxPasswordLength} characters are the most."];
        if (errors.Count > 0) return Problems.Invalid(errors);
        return CheckPassword(request.Password, request.Email, request.Name);
    }

    /// <summary>The same rules for a password that replaces another.</summary>
    /// <returns>Null where it is fine.</returns>
    public static ProblemHttpResult? CheckNewPassword(string? password, User user)
    {
        if (string.IsNullOrEmpty(password)) return Problems.Invalid("password", "Enter a new password.");
        return password.Length > MaxPasswordLength
            ? Problems.Invalid("password", $"{MaxPasswordLength} characters are the most.")
            : CheckPassword(password, user.Email!, user.Name);
    }

    /// <returns>What is wrong with the name, or null.</returns>
    public static string? CheckName(string name)
    {
        if (name.Trim().Length is 0) return "Enter a name.";
        if (name.Trim().Length > MaxNameLength) return $"{MaxNameLength} characters are the most.";
        return name.Any(char.IsControl) || !IsWellFormed(name) ? "A name has no control characters." : null;
    }

    private static ProblemHttpResult? CheckPassword(string password, string email, string? name) =>
        WeaknessOf(password, email, name) is { } weak ? Problems.Invalid("password", weak, "weak_password") : null;

    /// <returns>Why the password is too weak, or null.</returns>
    private static string? WeaknessOf(string password, string email, string? name)
    {
        if (!IsWellFormed(password)) return "The password has a broken character.";
        // Characters as a person counts them, so that an emoji is one.
        if (new System.Globalization.StringInfo(password).LengthInTextElements < MinPasswordLength)
            return $"Use {MinPasswordLength} characters or more.";
        string[] known = [email, .. email.Split('@', '.'), .. (name ?? "").Split(' '), "throughline"];
        var estimate = Zxcvbn.Zxcvbn.MatchPassword(
            password.Length > EstimatedLength ? password[..EstimatedLength] : password, known.Where(k => k.Length > 2));
        if (estimate.Score >= LeastScore) return null;
        return estimate.MatchSequence.ToList() is [DictionaryMatch { DictionaryName: LeakedPasswords }]
            ? "This password is on a list of leaked passwords. Choose another."
            : "This password is easy to guess: it follows a pattern. A few unrelated words do better.";
    }

    public static bool IsEmail(string? email)
    {
        if (string.IsNullOrEmpty(email) || email.Length > MaxEmailLength || !IsWellFormed(email)) return false;
        if (email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '"' or '<' or '>' or ',' or ';')) return false;
        return MailAddress.TryCreate(email, out var address) && address.Address == email && address.User.Length <= 64;
    }

    /// <summary>No lone surrogates: they cannot be written as UTF-8.</summary>
    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }
}
