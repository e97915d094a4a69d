using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Facts;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Threads;

/// <summary>A thread as a document: each question, its answer, and under it the figures with their sources.</summary>
internal static partial class ThreadExport
{
    public static string Markdown(ThreadSummary thread, IReadOnlyList<Exchange> exchanges, IReadOnlyDictionary<Guid, Fact> facts)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"# {Escape(thread.Title)}").AppendLine();
        foreach (var exchange in exchanges)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"## {exchange.At:yyyy-MM-dd HH:mm} UTC").AppendLine();
            foreach (var line in exchange.Question.Split('\n')) text.AppendLine(CultureInfo.InvariantCulture, $"> {Escape(line)}");
            text.AppendLine().AppendLine(FigureLink().Replace(exchange.Answer, "$1")).AppendLine();
            if (exchange.Figures.Count == 0) continue;
            text.AppendLine("| Figure | What it is | How it was computed | Source |").AppendLine("|---|---|---|---|");
            foreach (var figure in exchange.Figures)
            {
                var fact = facts.GetValueOrDefault(figure.FactId);
                text.AppendLine(CultureInfo.InvariantCulture, $"| {Escape(figure.Text)} | {Escape(fact?.Subject ?? "")} | {Escape(fact?.Producer.Query ?? "")} | {Escape(SourceOf(fact))} |");
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    public static string Csv(IReadOnlyList<Exchange> exchanges, IReadOnlyDictionary<Guid, Fact> facts)
    {
        var text = new StringBuilder("at,run_id,question,figure,value,unit,subject,computed,source,fact_id\r\n");
        foreach (var exchange in exchanges)
            foreach (var figure in exchange.Figures)
            {
                var fact = facts.GetValueOrDefault(figure.FactId);
                text.AppendJoin(',', new[]
                {
                    exchange.At.ToString("O", CultureInfo.InvariantCulture), exchange.RunId, exchange.Question, figure.Text, figure.Value, figure.Unit,
                    fact?.Subject ?? "", fact?.Producer.Query ?? "", SourceOf(fact), figure.FactId.ToString(),
                }.Select(Cell)).Append("\r\n");
            }

        return text.ToString();
    }

    public static IReadOnlyList<ExportedExchange> Json(IReadOnlyList<Exchange> exchanges, IReadOnlyDictionary<Guid, Fact> facts) =>
        [.. exchanges.Select(e => new ExportedExchange(
            e.At, e.RunId, e.Question, FigureLink().Replace(e.Answer, "$1"), e.Figures,
            [.. e.Figures.Select(f => facts.GetValueOrDefault(f.FactId)).OfType<Fact>().DistinctBy(f => f.Id)]))];

    /// <summary>Quoted; and what a spreadsheet would take for a formula becomes text.</summary>
    private static string Cell(string value)
    {
        var safe = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{value}" : value;
        return $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string SourceOf(Fact? fact) =>
        fact?.Input is { } input ? $"{input.FileName}, {input.RowCount} rows: {input.Predicate}" : fact is null ? "" : string.Join(", ", fact.Operands.Select(o => o.Subject));

    /// <summary>Values are hostile: nothing in them may become Markdown.</summary>
    private static string Escape(string value) => Special().Replace(value.ReplaceLineEndings(" "), @"\$0");

    [GeneratedRegex(@"\[([^\]]*)\]\(#f-[0-9a-fA-F-]+\)")]
    private static partial Regex FigureLink();

    [GeneratedRegex(@"[\\`*_{}\[\]<>()#+!|~]")]
    private static partial Regex Special();
}

/// <summary>A question and what came of it.</summary>
internal sealed record Exchange(DateTimeOffset At, string RunId, string Question, string Answer, IReadOnlyList<Figure> Figures);

internal sealed record ExportedExchange(
    DateTimeOffset At, string RunId, string Question, string Answer, IReadOnlyList<Figure> Figures, IReadOnlyList<Fact> Facts);

internal sealed record ExportedThread(ThreadSummary Thread, IReadOnlyList<ExportedExchange> Items);

/// <summary>Reads exchanges from the log.</summary>
internal sealed class ExchangeFold
{
    private readonly List<Exchange> _exchanges = [];
    private readonly StringBuilder _answer = new();

    public IReadOnlyList<Exchange> Exchanges => _exchanges;

    /// <summary>Who answers an interrupt asks nothing, but says something.</summary>
    private static string QuestionOf(RunAgentInput input) => input.Resume is { Count: > 0 } answers
        ? answers.All(answer => Actions.ActionAnswer.IsApproved(answer) == true) ? "Approved." : "Not approved."
        : Runs.RunInput.QuestionOf(input);

    public void Add(AgUiEvent @event)
    {
        if (@event is RunStarted { Input: { } input } started)
        {
            _answer.Clear();
            _exchanges.Add(new Exchange(DateTimeOffset.FromUnixTimeMilliseconds(started.Timestamp ?? 0), started.RunId, QuestionOf(input), "", []));
        }
        else if (@event is TextMessageContent content)
        {
            _answer.Append(content.Delta);
        }
        else if (@event is TextMessageEnd)
        {
            _answer.Append("\n\n");
        }
        else if (_exchanges.Count > 0 && @event is RunFinished or RunError)
        {
            var answer = @event is RunError error ? $"{_answer}\n\n{error.Message}" : _answer.ToString();
            _exchanges[^1] = _exchanges[^1] with { Answer = answer.Trim(), Figures = (@event as RunFinished)?.Result?.Figures ?? [] };
        }
    }
}
