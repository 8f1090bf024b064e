using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents.Output;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

public sealed class MatchingWorkerTests
{
    private const string Head = "po_number,supplier,supplier_vat,buyer,currency,ordered_net,received_net\n";

    private static string Invoice => File.ReadAllText(Path.Combine(Repository.Root, "samples", "xml", "26-3301.ubl.xml"));

    [Fact]
    [Trait("Requirement", "DOC-4")]
    public async Task A_document_whose_order_is_not_there_waits_longer_each_time_with_no_permit_and_no_message_and_is_exported_when_it_comes()
    {
        await using var node = await DocumentNode.StartAsync(new Dictionary<string, string?>
        {
            ["Documents:Matching:FirstRetry"] = "00:10:00",
            ["Documents:Matching:LongestRetry"] = "12:00:00",
            ["Documents:Matching:MaxAttempts"] = "10",
        });
        await node.PutAsync("a.xml", Encoding.UTF8.GetBytes(Invoice));

        var first = await WaitingAsync(node, attempts: 1);
        Assert.Equal((0, 0), (node.Permits.Use.InUse, node.Permits.Use.Waiting));
        await Eventually.IsAsync(() => node.Queues.CountAsync(node.Prefix + "matching"), left => left == 0, "its message is deleted");
        Assert.Contains("Attempt 1 of 10", first.Reason, StringComparison.Ordinal);

        await MakeDueAsync(node);
        var second = await WaitingAsync(node, attempts: 2);
        Assert.InRange(second.Wait / first.Wait, 1.8, 2.2);

        Assert.Equal(HttpStatusCode.OK, (await node.ImportAsync(Head + "4500-118147,Metallbau Kessler KG,DE999100050,,EUR,10000.00,")).StatusCode);
        await MakeDueAsync(node);
        await node.SettledAsync(1);
        Assert.Equal(DocumentStatus.Exported, Assert.Single(await node.DocumentsAsync()).Status);
    }

    [Fact]
    [Trait("Requirement", "DOC-4")]
    [Trait("Requirement", "DOC-5")]
    public async Task A_document_whose_order_never_comes_is_given_to_a_person_after_the_last_attempt()
    {
        await using var node = await DocumentNode.StartAsync();
        await node.PutAsync("a.xml", Encoding.UTF8.GetBytes(Invoice));
        await node.SettledAsync(1);

        var document = Assert.Single(await node.DocumentsAsync());
        Assert.Equal((DocumentStatus.NeedsReview, "NoOrder"), (document.Status, document.ReasonCode));
        Assert.Contains("2 attempts found no order", document.Reason, StringComparison.Ordinal);
        Assert.Equal(0, await node.JobsAsync("document-output", "Succeeded"));
        Assert.Equal(0, await node.JobsAsync("matching", "Failed"));

        // A repetition of work on an older revision changes nothing: neither its diagnostics nor anything else.
        var rev = await node.Node.ScalarAsync<int>("SELECT rev FROM orchestrator.diagnostic LIMIT 1");
        Assert.Equal(document.Rev, rev);
        await node.Node.ScalarAsync<int>("UPDATE orchestrator.diagnostic SET message = 'as it was' RETURNING rev");
        foreach (var lane in (string[])["ingestion", "matching", "diagnostics-recompute", "document-output"])
            await node.SubmitAsync(lane, document.Id, document.Rev - 1);
        await node.SettledAsync(1);
        Assert.Equal(0, await node.Node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.diagnostic WHERE message <> 'as it was'"));
        Assert.Equal(4, await node.Node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE result->>'superseded' = 'true' AND state = 'Succeeded'"));
        Assert.Equal(document, Assert.Single(await node.DocumentsAsync()));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task Invoices_that_take_of_one_order_at_the_same_time_take_no_more_than_it_has()
    {
        await using var node = await DocumentNode.StartAsync(new Dictionary<string, string?> { ["Lanes:matching:Permits"] = "6", ["Work:Permits"] = "6" });
        await node.ImportAsync(Head + "4500-118147,Metallbau Kessler KG,DE999100050,,EUR,999999.00,");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => node.PutAsync($"{i}.xml", Encoding.UTF8.GetBytes(Invoice.Replace("26-3301", $"T-{i}77", StringComparison.Ordinal)))));
        await node.SettledAsync(6);

        // Each match saw what those before it had taken: in some order, 0 to 5 times the same amount.
        await using var command = node.Node.Database.CreateCommand("SELECT net, (outcome->>'invoicedBefore')::numeric FROM orchestrator.match ORDER BY 2");
        await using var reader = await command.ExecuteReaderAsync();
        var seen = new List<(decimal Net, decimal Before)>();
        while (await reader.ReadAsync())
            seen.Add((reader.GetDecimal(0), reader.GetDecimal(1)));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => i * seen[0].Net), seen.Select(match => match.Before));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task An_output_that_is_written_again_is_the_same_object_and_the_same_row()
    {
        await using var node = await DocumentNode.StartAsync();
        await node.ImportAsync(Head + "4500-118147,Metallbau Kessler KG,DE999100050,,EUR,10000.00,");
        await node.PutAsync("a.xml", Encoding.UTF8.GetBytes(Invoice));
        await node.SettledAsync(1);
        var document = Assert.Single(await node.DocumentsAsync());
        Assert.Equal(DocumentStatus.Exported, document.Status);
        var before = await ObjectsAsync(node);
        Assert.Equal(Enum.GetValues<OutputKind>().Length, before.Count);

        // As if the node had died between the writing and the commit.
        await node.Node.ScalarAsync<string>("WITH gone AS (DELETE FROM orchestrator.output) UPDATE orchestrator.document SET status = 'matched' RETURNING status");
        await node.SubmitAsync("document-output", document.Id, document.Rev);
        await node.SettledAsync(1);

        Assert.Equal(before, await ObjectsAsync(node));
        Assert.Equal(before.Keys.Order(), (await node.GetAsync($"/documents/{document.Id}")).GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("key").GetString()!).Order());
    }

    [Fact]
    [Trait("Requirement", "DOC-3")]
    public async Task Documents_are_listed_shown_and_orders_refused_over_http()
    {
        await using var node = await DocumentNode.StartAsync();
        var refused = await node.ImportAsync(Head + "1,Kessler,,,EUR,10.00,\n2,Kessler,,,EURO,ten,");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var errors = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal([(3, "currency"), (3, "ordered_net")], errors.Select(error => (error.GetProperty("line").GetInt32(), error.GetProperty("column").GetString()!)));
        Assert.Equal(0, await node.Node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.purchase_order"));

        await node.PutAsync("a.xml", Encoding.UTF8.GetBytes(Invoice));
        await node.SettledAsync(1);
        var page = await node.GetAsync("/documents?status=needs_review&limit=1");
        var listed = Assert.Single(page.GetProperty("documents").EnumerateArray());
        Assert.Equal("26-3301", listed.GetProperty("number").GetString());
        var detail = await node.GetAsync($"/documents/{listed.GetProperty("id").GetGuid()}");
        Assert.Equal("Xml", detail.GetProperty("reading").GetProperty("fields").GetProperty("number").GetProperty("source").GetString());
        Assert.Equal(["ingestion", "matching", "diagnostics-recompute"], detail.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("lane").GetString()));
        Assert.Empty((await node.GetAsync("/documents?status=exported")).GetProperty("documents").EnumerateArray());
        Assert.Equal(HttpStatusCode.BadRequest, (await node.SendAsync("/documents?status=lost")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync($"/documents/{Guid.NewGuid()}")).StatusCode);
    }

    private static async Task<Dictionary<string, string>> ObjectsAsync(DocumentNode node) =>
        ((await node.S3.ListObjectsV2Async(new() { BucketName = node.Bucket, Prefix = "outputs/" })).S3Objects ?? []).ToDictionary(o => o.Key, o => o.ETag);

    private static async Task<(TimeSpan Wait, string Reason)> WaitingAsync(DocumentNode node, int attempts)
    {
        await Eventually.IsAsync(() => node.Node.ScalarAsync<long>(
            "SELECT count(*) FROM orchestrator.job WHERE lane = 'matching' AND state = 'Queued' AND attempts = $1 AND dispatched_at IS NULL AND available_at > now()", attempts),
            count => count == 1, $"the match waits after attempt {attempts}");
        return (await node.Node.ScalarAsync<TimeSpan>("SELECT available_at - now() FROM orchestrator.job WHERE lane = 'matching'"),
            await node.Node.ScalarAsync<string>("SELECT reason FROM orchestrator.job WHERE lane = 'matching'"));
    }

    private static Task<string> MakeDueAsync(DocumentNode node) =>
        node.Node.ScalarAsync<string>("UPDATE orchestrator.job SET available_at = now(), due = true WHERE lane = 'matching' RETURNING lane");
}
