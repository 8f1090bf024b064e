using System.Diagnostics;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Reading;

/// <summary>The collected bad files, each with the end that is written down for it.</summary>
public sealed class BadFilesTests : IDisposable
{
    private static readonly TimeSpan TimeBound = TimeSpan.FromSeconds(60);
    private const long MemoryBound = 512L << 20;

    private readonly ReadingParts _parts = new();

    public void Dispose() => _parts.Dispose();

    public static TheoryData<string> Names => [.. Expected().Select(row => row[0])];

    [SharedDataTheory]
    [MemberData(nameof(Names))]
    [Trait("Requirement", "DOC-5")]
    [Trait("Requirement", "SEC-4")]
    public async Task Ends_as_written_down_within_bounds_and_the_next_file_is_read_as_ever(string name)
    {
        var row = Expected().First(entry => entry[0] == name);
        var started = Stopwatch.GetTimestamp();

        var reading = Assert.Single(await _parts.ReadAsync(InvoiceFiles.At("bad/" + name))).Result;

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeBound);
        Assert.InRange(_parts.Memory.PeakSumBytes, 0, MemoryBound);
        Assert.Contains(Words(reading.Status), Statuses(row[1]));
        if (row[2].Length > 0)
        {
            var said = reading.Diagnostics.Select(diagnostic => diagnostic.Code).Append(reading.Failure?.ToString() ?? "");
            Assert.Contains(row[2].Split(" or "), reason => said.Contains(reason));
        }

        var next = Assert.Single(await _parts.ReadAsync(InvoiceFiles.At("pdf-text/coolblue1.pdf"))).Result;
        Assert.Equal((ReadStatus.Completed, "993548900"), (next.Status, next.Fields.Number?.Value));
    }

    [SharedDataFact]
    [Trait("Requirement", "DOC-5")]
    public async Task A_restricted_or_prefixed_file_reads_as_the_original_does()
    {
        var original = Assert.Single(await _parts.ReadAsync(InvoiceFiles.At("pdf-text/coolblue1.pdf"))).Result;
        var restricted = Assert.Single(await _parts.ReadAsync(InvoiceFiles.At("bad/encrypted-owner-only-aes256.pdf"))).Result;
        var prefixed = Assert.Single(await _parts.ReadAsync(InvoiceFiles.At("bad/junk-prefix.pdf"))).Result;

        Assert.Equal((original.Fields.Number, original.Fields.Gross), (restricted.Fields.Number, restricted.Fields.Gross));
        Assert.Equal((original.Fields.Number, original.Fields.Gross), (prefixed.Fields.Number, prefixed.Fields.Gross));
        Assert.Contains(restricted.Diagnostics, diagnostic => diagnostic.Code == DiagnosticCodes.Restricted);
    }

    [SharedDataFact]
    [Trait("Requirement", "DOC-5")]
    public async Task A_script_is_told_and_an_unreadable_attachment_too()
    {
        var script = Assert.Single(await _parts.ReadAsync(InvoiceFiles.At("bad/javascript-openaction.pdf"))).Result;
        var attachment = Assert.Single(await _parts.ReadAsync(InvoiceFiles.At("bad/hybrid-xml-bad-encoding-decl.pdf"))).Result;

        Assert.Contains(script.Diagnostics, diagnostic => diagnostic.Code == DiagnosticCodes.ContainsJavaScript);
        Assert.Contains(attachment.Diagnostics, diagnostic => diagnostic.Code == DiagnosticCodes.EmbeddedXmlUnreadable);
        Assert.Equal(("RE-20190610/507", FieldSource.Rule), (attachment.Fields.Number?.Value, attachment.Fields.Number!.Source));
    }

    private static string[][] Expected() => SharedData.Root is null ? []
        : [.. File.ReadLines(InvoiceFiles.At("bad/expected.tsv")).Skip(1).Select(line => line.Split('\t')).Where(row => row.Length >= 3)];

    /// <summary>"as the original" is the end of a file that is read like the one that it was made from.</summary>
    private static string[] Statuses(string written) => written == "as the original" ? ["completed"] : written.Split(" or ");

    private static string Words(ReadStatus status) => status switch
    {
        ReadStatus.Completed => "completed",
        ReadStatus.NeedsReview => "needs review",
        _ => "failed",
    };
}
