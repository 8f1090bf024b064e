using Orchestrator.Persistence.Documents;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

public sealed class BadFilesWorkerTests
{
    [Fact]
    [Trait("Requirement", "DOC-5")]
    public Task Bad_samples_end_as_their_list_says_and_stop_no_worker() => AllEndAsExpectedAsync(Path.Combine(Repository.Root, "samples", "bad"));

    private static async Task AllEndAsExpectedAsync(string folder)
    {
        await using var node = await DocumentNode.StartAsync();
        var expected = (await File.ReadAllLinesAsync(Path.Combine(folder, "expected.tsv"))).Skip(1).Select(line => line.Split('\t')).ToDictionary(cells => cells[0]);

        foreach (var file in expected.Keys)
            await node.PutFileAsync($"bad/{file}", Path.Combine(folder, file));
        await node.PutFileAsync("good.xml", Path.Combine(Repository.Root, "samples", "xml", "A-2026-000345.ubl.xml"));
        await node.SettledAsync(expected.Count + 1);

        var documents = (await node.DocumentsAsync()).ToDictionary(document => document.FileName);
        Assert.All(expected.Values, cells => AssertEnded(cells, documents[cells[0]]));
        Assert.Equal("A/2026/000345", documents["good.xml"].Number);
        Assert.All(documents.Values, document => Assert.NotNull(document.Sha256)); // the original is kept
        Assert.Equal(0, await node.JobsAsync("ingestion", "Failed"));
        Assert.False(await node.Queues.ExistsAsync(node.AcquisitionQueue + "_error"));

        foreach (var cells in expected.Values.Where(cells => cells[2].StartsWith("BR-", StringComparison.Ordinal) || cells[2] == "EmbeddedXmlUnreadable"))
        {
            Assert.Equal(1, await node.Node.ScalarAsync<long>(
                "SELECT count(*) FROM orchestrator.diagnostic WHERE document_id = $1 AND rule = $2 AND (expected IS NOT NULL AND actual IS NOT NULL OR $2 NOT LIKE 'BR-%')", documents[cells[0]].Id, cells[2]));
        }
    }

    private static void AssertEnded(string[] cells, DocumentRow document)
    {
        var allowed = cells[1].Split(" or ").SelectMany(Statuses).ToList();
        Assert.True(allowed.Contains(document.Status), $"{cells[0]} is {document.Status} ({document.ReasonCode}: {document.Reason}), expected {cells[1]}");
        if (document.Status is DocumentStatus.Failed || (document.Status is DocumentStatus.NeedsReview && cells[1] == "needs review" && cells[2].Length > 0))
            Assert.Contains(document.ReasonCode, cells[2].Split(" or "));
        if (document.Status is DocumentStatus.Failed or DocumentStatus.NeedsReview)
            Assert.False(string.IsNullOrWhiteSpace(document.Reason));
    }

    private static IEnumerable<DocumentStatus> Statuses(string words) => words switch
    {
        "failed" => [DocumentStatus.Failed],
        "needs review" => [DocumentStatus.NeedsReview],
        _ => [DocumentStatus.Matched, DocumentStatus.Exported, DocumentStatus.NeedsReview, DocumentStatus.Duplicate],
    };

    /// <summary>The collected files; a class of its own runs beside the other.</summary>
    public sealed class Collected
    {
        [SharedDataFact]
        [Trait("Requirement", "DOC-5")]
        public Task Collected_bad_files_end_as_their_list_says_and_stop_no_worker() => AllEndAsExpectedAsync(Path.Combine(SharedData.Root!, "invoices", "bad"));
    }
}
