using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>Reads summaries that tools write for machines. What can't be read is no summary.</summary>
internal static class MachineSummaries
{
    private const long LargestFile = 256L << 20;

    /// <summary>JUnit's XML, as pytest and others write it: the counts of every suite that holds tests itself, and not again those of its parents.</summary>
    public static MachineSummary? JUnit(string path) => Read(path, xml =>
    {
        int cases = 0, failed = 0, skipped = 0, stated = 0, statedBad = 0;
        bool root = false, inCase = false, bad = false, skip = false;
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "testcase")
                (inCase, failed, skipped) = (false, failed + (bad ? 1 : 0), skipped + (!bad && skip ? 1 : 0));
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            switch (xml.LocalName)
            {
                case "testsuites" or "testsuite":
                    root = true;
                    if (xml.LocalName == "testsuite")
                        (stated, statedBad) = (stated + Attribute(xml, "tests"), statedBad + Attribute(xml, "failures") + Attribute(xml, "errors"));
                    break;
                case "testcase":
                    cases++;
                    (inCase, bad, skip) = (!xml.IsEmptyElement, false, false);
                    break;
                case "failure" or "error" when inCase:
                    bad = true;
                    break;
                case "skipped" when inCase:
                    skip = xml.GetAttribute("type") != "pytest.xfail"; // that one ran, and failed as it should
                    break;
                default:
                    break;
            }
        }

        // A suite may state errors that belong to no case; one that states tests and shows none proves nothing.
        failed = Math.Max(failed, statedBad);
        return !root ? null : new MachineSummary(new TestCounts(Math.Max(0, cases - failed - skipped), failed, skipped),
            cases == 0 && stated > 0 && failed == 0 ? $"the XML states {stated} tests and shows none" : null);
    });

    /// <summary>The results file of <c>dotnet test</c>.</summary>
    public static MachineSummary? Trx(string path) => Read(path, xml =>
    {
        TestCounts? counts = null;
        var aborted = false;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "ResultSummary")
                aborted = xml.GetAttribute("outcome") is "Aborted" or "Error" or "Timeout" or "Disconnected";
            if (xml.LocalName != "Counters")
                continue;
            var failed = Attribute(xml, "failed") + Attribute(xml, "error") + Attribute(xml, "timeout") + Attribute(xml, "aborted") + Attribute(xml, "disconnected");
            counts = new TestCounts(Attribute(xml, "passed"), failed, Math.Max(0, Attribute(xml, "total") - Attribute(xml, "passed") - failed));
        }

        return counts is { } found ? new MachineSummary(found, Aborted: aborted) : null;
    });

    /// <summary>The last line <c>SUMMARY total=N passed=P failed=F nonce=…</c> with this run's nonce.</summary>
    public static MachineSummary? Line(RunText text, string nonce)
    {
        for (var at = text.Lines.Count - 1; at >= 0; at--)
        {
            if (SummaryReader.OwnLine().Match(text.Lines[at]) is { Success: true } told && told.Groups["nonce"].Value == nonce)
                return new MachineSummary(new TestCounts(SummaryReader.Number(told.Groups["p"]), SummaryReader.Number(told.Groups["f"]), SummaryReader.Number(told.Groups["s"])), Contradiction(told));
        }

        return null;
    }

    internal static string? Contradiction(Match told)
    {
        var parts = SummaryReader.Number(told.Groups["p"]) + SummaryReader.Number(told.Groups["f"]) + SummaryReader.Number(told.Groups["s"]);
        return parts == SummaryReader.Number(told.Groups["n"]) ? null : $"total={told.Groups["n"].Value}, and its parts are {parts}";
    }

    /// <summary>Several files of one run, one for each project: their sum.</summary>
    public static MachineSummary? Sum(IEnumerable<MachineSummary> summaries) =>
        summaries.Aggregate((MachineSummary?)null, (sum, next) => sum is null ? next : new MachineSummary(sum.Counts + next.Counts, sum.Contradiction ?? next.Contradiction, sum.Aborted || next.Aborted));

    private static MachineSummary? Read(string path, Func<XmlReader, MachineSummary?> read)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > LargestFile)
                return null;
            using var xml = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CheckCharacters = false, MaxCharactersInDocument = LargestFile });
            return read(xml);
        }
        catch (Exception exception) when (exception is XmlException or IOException or UnauthorizedAccessException)
        {
            return null; // half written, or not there
        }
    }

    private static int Attribute(XmlReader xml, string name) =>
        int.TryParse(xml.GetAttribute(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
