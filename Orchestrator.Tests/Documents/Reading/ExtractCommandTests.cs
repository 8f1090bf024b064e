using System.Text.Json;
using Orchestrator.Service.Documents.Reading;

namespace Orchestrator.Tests.Documents.Reading;

[Trait("Requirement", "DOC-5")]
public sealed class ExtractCommandTests : IDisposable
{
    private const string First = "Muster GmbH, 12345 Musterstadt\nRechnung\nRechnungsnummer: A-1\nRechnungsdatum: 01.02.2024\nNetto 100,00 EUR\nMwSt. 19 % 19,00 EUR\nGesamtbetrag 119,00 EUR";
    private const string Second = "Muster GmbH, 12345 Musterstadt\nRechnung\nRechnungsnummer: A-2\nRechnungsdatum: 02.02.2024\nNetto 200,00 EUR\nMwSt. 19 % 38,00 EUR\nGesamtbetrag 238,00 EUR";

    private readonly ReadingParts _parts = new();

    public void Dispose() => _parts.Dispose();

    [Fact]
    public async Task Prints_a_line_for_each_document_with_plain_values()
    {
        var (code, lines) = await RunAsync(_parts.File("one.pdf", MiniPdf.Of(First)), _parts.File("two.xml", SampleXml.Ubl("X-1")));

        Assert.Equal((0, 2), (code, lines.Count));
        Assert.Equal(("completed", "A-1", "2024-02-01", "119.00", "rule"), Of(lines[0]));
        Assert.Equal(("completed", "X-1", "2024-02-03", "119.00", "xml"), Of(lines[1]));
        Assert.False(lines[0].TryGetProperty("first_page", out _));
        Assert.True(lines[0].GetProperty("ms").GetDouble() > 0);
        Assert.Equal(JsonValueKind.Null, lines[0].GetProperty("fields").GetProperty("po").ValueKind);
    }

    [Fact]
    [Trait("Requirement", "DOC-3")]
    public async Task Prints_a_line_for_each_invoice_of_a_merged_file()
    {
        var (code, lines) = await RunAsync(_parts.File("merged.pdf", MiniPdf.Of(First, Second)));

        Assert.Equal(0, code);
        Assert.Equal([(1, 1, "A-1"), (2, 2, "A-2")], lines.Select(line =>
            (line.GetProperty("first_page").GetInt32(), line.GetProperty("last_page").GetInt32(), line.GetProperty("fields").GetProperty("number").GetString()!)));
    }

    [Fact]
    public async Task A_bad_file_is_a_line_like_any_other_and_the_exit_code_tells()
    {
        var (code, lines) = await RunAsync(_parts.File("empty.pdf", []), "/no/such/file.pdf", "", _parts.File("good.pdf", MiniPdf.Of(First)));

        Assert.Equal(1, code);
        Assert.Equal(["Empty", "NotFound", "NotFound", null], lines.Select(line => line.GetProperty("reason").GetString()));
        Assert.Equal("completed", lines[3].GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_is_missing_is_named_and_is_no_failure_of_the_command()
    {
        var (code, lines) = await RunAsync(_parts.File("a.pdf", MiniPdf.Of("Rechnung\nRechnungsnummer: A-1\nGesamtbetrag 119,00 EUR, zahlbar sofort nach Erhalt der Ware")));

        Assert.Equal((0, "needs review", "MissingFields"), (code, lines[0].GetProperty("status").GetString(), lines[0].GetProperty("reason").GetString()));
        Assert.Equal(["date"], lines[0].GetProperty("missing").EnumerateArray().Select(field => field.GetString()));
    }

    [Fact]
    public async Task Work_that_is_to_look_heavy_takes_its_time_and_can_be_cancelled()
    {
        var file = DocumentFile.At(_parts.File("two.xml", SampleXml.Ubl("X-1")));
        var slow = new LatencyExtractor(_parts.Chain, new LatencyOptions { Min = TimeSpan.FromMilliseconds(300), Max = TimeSpan.FromMilliseconds(300) }, TimeProvider.System);
        var endless = new LatencyExtractor(_parts.Chain, new LatencyOptions { Min = TimeSpan.FromHours(1), Max = TimeSpan.FromHours(2) }, TimeProvider.System);
        var started = TimeProvider.System.GetTimestamp();

        Assert.Equal("X-1", (await slow.ExtractAsync(file, CancellationToken.None)).Fields.Number?.Value);

        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromMilliseconds(290), TimeSpan.FromSeconds(30));
        using var cancellation = new CancellationTokenSource();
        var waiting = endless.ExtractAsync(file, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal((_parts.Chain.Id, _parts.Chain.Version), (slow.Id, slow.Version));
    }

    private static (string?, string?, string?, string?, string?) Of(JsonElement line)
    {
        var fields = line.GetProperty("fields");
        return (line.GetProperty("status").GetString(), fields.GetProperty("number").GetString(), fields.GetProperty("date").GetString(), fields.GetProperty("gross").GetString(), line.GetProperty("sources").GetProperty("gross").GetString());
    }

    private async Task<(int Code, IReadOnlyList<JsonElement> Lines)> RunAsync(params string[] files)
    {
        using var output = new StringWriter();
        var code = await _parts.Command.RunAsync(files, output, CancellationToken.None);
        return (code, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)]);
    }
}
