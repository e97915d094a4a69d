using System.Globalization;
using System.Text;
using System.Xml;

namespace Throughline.Verify.Reports;

/// <summary>JUnit's XML, as CI servers read it: BROKEN is a failure, BLOCKED skipped with its blocker, a check that crashed an error.</summary>
public sealed class JUnitReport : IReportWriter
{
    public string Name => "junit";

    public string FileName => "verify.junit.xml";

    public string Write(VerifyResult result, ReportContext context)
    {
        ArgumentNullException.ThrowIfNull(result);
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true, CheckCharacters = false }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", "throughline verify");
            WriteCounts(xml, result.Findings, result.ElapsedMs);
            if (result.StartFailure is { } failure) WriteStartFailure(xml, failure);
            foreach (var check in result.Checks) WriteCheck(xml, result, check);
            xml.WriteEndElement();
        }

        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";
    }

    private static void WriteCheck(XmlWriter xml, VerifyResult result, CheckOutcome check)
    {
        var findings = result.Findings.Where(f => f.Check == check.Id).ToList();
        if (findings.Count == 0) return;
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", $"{check.Number} {check.Name}");
        xml.WriteAttributeString("timestamp", result.StartedAt.ToString("s", CultureInfo.InvariantCulture));
        WriteCounts(xml, findings, check.ElapsedMs);
        xml.WriteStartElement("properties");
        Property(xml, "revenue.protected", result.Money.Protected.ToString(CultureInfo.InvariantCulture));
        Property(xml, "revenue.at_risk", result.Money.AtRisk.ToString(CultureInfo.InvariantCulture));
        Property(xml, "revenue.unverified", result.Money.Unverified.ToString(CultureInfo.InvariantCulture));
        foreach (var cause in result.Causes.Where(c => c.Explains.Any(e => findings.Any(f => f.Id == e)))) Property(xml, $"cause.{cause.Id}", cause.Sentence);
        xml.WriteEndElement();
        foreach (var finding in findings) WriteFinding(xml, finding);
        xml.WriteEndElement();
    }

    private static void WriteFinding(XmlWriter xml, Finding finding)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", finding.Id);
        xml.WriteAttributeString("classname", $"throughline.verify.{finding.Check}");
        xml.WriteAttributeString("time", Seconds(finding.ElapsedMs ?? 0));
        var (element, message) = finding.Verdict switch
        {
            Verdict.Passed => (null, null),
            Verdict.Failed => ("failure", finding.Reason),
            Verdict.Crashed => ("error", finding.Reason),
            Verdict.Blocked => ("skipped", $"blocked by {finding.BlockedBy ?? finding.Reason}"),
            Verdict.Unknown => ("skipped", $"unknown: {finding.Reason}"),
            Verdict.Excluded => ("skipped", $"excluded: {finding.Reason}"),
        };
        if (element is not null)
        {
            xml.WriteStartElement(element);
            xml.WriteAttributeString("message", Clean(message ?? ""));
            if (element is "failure" or "error") xml.WriteString(Clean(finding.Statement));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteStartFailure(XmlWriter xml, string failure)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", "start");
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", "start");
        xml.WriteStartElement("error");
        xml.WriteAttributeString("message", Clean(failure));
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteCounts(XmlWriter xml, IReadOnlyList<Finding> findings, double elapsedMs)
    {
        xml.WriteAttributeString("tests", findings.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", findings.Count(f => f.Verdict == Verdict.Failed).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("errors", findings.Count(f => f.Verdict == Verdict.Crashed).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("skipped", findings.Count(f => f.Verdict is Verdict.Blocked or Verdict.Unknown or Verdict.Excluded).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("time", Seconds(elapsedMs));
    }

    private static void Property(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        xml.WriteAttributeString("name", name);
        xml.WriteAttributeString("value", Clean(value));
        xml.WriteEndElement();
    }

    private static string Seconds(double ms) => (ms / 1000).ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>XML 1.0 has no characters for most controls.</summary>
    private static string Clean(string text) => string.Concat(text.Where(XmlConvert.IsXmlChar));
}
