using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Throughline.Analysis.Tools;
using Throughline.Contracts.Facts;

namespace Throughline.Analysis.Facts;

/// <summary>The facts and terms of one run, and the only way from a template to printed text.</summary>
/// <param name="idFor">Gives a fact's key its id: the same key, the same id, in a resumed run too.</param>
public sealed partial class FactTable(Func<string, Guid> idFor)
{
    private readonly Dictionary<string, FactDraft> _drafts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Fact> _facts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _terms = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Keys => _facts.Keys;

    public IReadOnlyDictionary<string, string> Terms => _terms;

    public bool Has(string key) => _facts.ContainsKey(key);

    public bool HasTerm(string key) => _terms.ContainsKey(key);

    public Fact this[string key] => _facts[key];

    public FactDraft Draft(string key) => _drafts[key];

    public Fact? Find(string key) => _facts.GetValueOrDefault(key);

    public Fact? Find(Guid id) => _facts.Values.FirstOrDefault(fact => fact.Id == id);

    /// <summary>Takes in what a tool found. A key that is there already keeps its first fact.</summary>
    /// <returns>The facts of this output, in order.</returns>
    public IReadOnlyList<Fact> Add(ToolOutput output, FactProducer producer, IReadOnlyList<UsageSource> files, string priceTableVersion, string threadId, string runId)
    {
        foreach (var (key, text) in output.Terms) _terms.TryAdd(key, text);
        var added = new List<Fact>();
        foreach (var draft in output.Facts)
        {
            if (!_facts.TryGetValue(draft.Key, out var fact))
            {
                var text = FigureFormat.Print(draft.Value, draft.Unit, draft.Places, out var precision);
                var operands = draft.Operands.Select(key => _facts[key])
                    .Select(operand => new FactOperand(operand.Id, operand.Key, operand.Text, operand.Subject)).ToArray();
                fact = new Fact(
                    idFor(draft.Key), draft.Key, FigureFormat.Exact(draft.Value), draft.Unit, text, draft.Subject, draft.Period, precision,
                    draft.Formula, operands, producer, draft.Prices, InputOf(draft, files), draft.Prices.Count > 0 ? priceTableVersion : null, threadId, runId);
                _drafts.Add(draft.Key, draft);
                _facts.Add(draft.Key, fact);
            }

            added.Add(fact);
        }

        return added;
    }

    /// <summary>Adds the first rows that a fact came from.</summary>
    public void AddRows(string key, IReadOnlyList<IReadOnlyDictionary<string, string>> first)
    {
        if (_facts[key] is { Input: { } input } fact) _facts[key] = fact with { Input = input with { First = first } };
    }

    /// <summary>Adds a term that no tool gave, e.g. a file's name.</summary>
    public void AddTerm(string key, string text) => _terms[key] = text;

    /// <summary>A template as Markdown: <c>{{f:key}}</c> a link to its fact, <c>{{t:key}}</c> a term, <c>{{c:key}}</c> a term as code.</summary>
    /// <exception cref="KeyNotFoundException">The template refers to what no tool gave.</exception>
    public string Markdown(string template) => Replace(
        template, fact => $"[{fact.Text}](#f-{fact.Id})", Escape, name => $"`{Code(name)}`");

    /// <summary>A template as plain text, for charts and table cells.</summary>
    /// <inheritdoc cref="Markdown"/>
    public string Plain(string template) => Replace(template, fact => fact.Text, text => text, name => name);

    /// <summary>Keys of the facts that a template refers to, in order, each once.</summary>
    public static IReadOnlyList<string> FactsIn(string template) =>
        [.. Reference().Matches(template).Where(match => match.Groups[1].Value == "f").Select(match => match.Groups[2].Value).Distinct()];

    public static IReadOnlyList<string> TermsIn(string template) =>
        [.. Reference().Matches(template).Where(match => match.Groups[1].Value is "t" or "c").Select(match => match.Groups[2].Value).Distinct()];

    /// <summary>The template with every reference replaced by <paramref name="with"/>.</summary>
    public static string Strip(string template, string with) => Reference().Replace(template, with);

    private string Replace(string template, Func<Fact, string> figure, Func<string, string> term, Func<string, string> name) =>
        Reference().Replace(template, match => match.Groups[1].Value switch
        {
            "f" => figure(_facts[match.Groups[2].Value]),
            "c" => name(_terms[match.Groups[2].Value]),
            _ => term(_terms[match.Groups[2].Value]),
        });

    private static string Code(string name) => string.Concat(name.Select(c => c == '`' ? '\'' : char.IsControl(c) ? ' ' : c));

    /// <summary>Names come from data, and data is hostile: nothing in it may become Markdown or HTML.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsControl(c)) { escaped.Append(' '); continue; }
            if (c is '\\' or '`' or '*' or '_' or '{' or '}' or '[' or ']' or '<' or '>' or '#' or '!' or '|' or '~' or '&') escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }

    /// <summary>SHA-256 of what determines a tool's result, lower-case hex.</summary>
    public static string HashOf(string tool, int version, string arguments, IReadOnlyList<UsageSource> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{tool}\n{version}\n{arguments}\n{string.Join('\n', files.Select(file => file.Sha256))}")));

    private static FactInput? InputOf(FactDraft draft, IReadOnlyList<UsageSource> files) => draft.Rows is { } rows && files is [var first, ..]
        ? new FactInput(first.FileId, string.Join(" + ", files.Select(file => file.FileName)), first.Sha256, rows.ToWords(), draft.RowCount, [])
        : null;

    [GeneratedRegex(@"\{\{([ftc]):([^{}]+)\}\}")]
    private static partial Regex Reference();
}
