using System.Security.Cryptography;
using Orchestrator.Local.Wire;
using Orchestrator.Persistence.Documents;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

public sealed class OutageTests
{
    [Fact]
    [Trait("Requirement", "DOC-2")]
    [Trait("Requirement", "PROT-6")]
    public async Task While_the_bucket_can_not_be_reached_the_notification_stays_in_its_queue_and_is_carried_out_afterwards()
    {
        await using var s3 = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        await using var node = await DocumentNode.StartAsync(new Dictionary<string, string?> { ["Documents:ServiceUrl"] = s3.Url.ToString() });
        var get = $"GET /{node.Bucket}/a.xml";
        using (s3.Inject(get, new WireFault.Status(503, "application/xml", "<Error><Code>SlowDown</Code></Error>")))
        {
            await node.PutFileAsync("a.xml", Path.Combine(Repository.Root, "samples", "xml", "26-3301.ubl.xml"));
            await Eventually.IsTrueAsync(() => s3.CountOf(get) > 5, "the object was asked for, again by the client and again by a redelivery");

            Assert.Equal(1, await node.Queues.CountAsync(node.AcquisitionQueue));
            Assert.Empty(await node.DocumentsAsync());
            Assert.Equal(0, node.Permits.Use.Waiting);
        }

        await node.SettledAsync(1);
        Assert.Single(await node.DocumentsAsync());
        Assert.False(await node.Queues.ExistsAsync(node.AcquisitionQueue + "_error"));
    }

    [Fact]
    [Trait("Requirement", "DOC-5")]
    [Trait("Requirement", "JOB-7")]
    public async Task A_document_whose_work_failed_for_good_says_so_and_goes_on_when_its_job_is_retried_by_hand()
    {
        await using var s3 = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        await using var node = await DocumentNode.StartAsync(new Dictionary<string, string?>
        {
            ["Documents:ServiceUrl"] = s3.Url.ToString(),
            ["Lanes:ingestion:MaxAttempts"] = "2",
        });
        var file = Path.Combine(Repository.Root, "samples", "xml", "26-3301.ubl.xml");
        var content = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file)));
        Guid document, job;
        using (s3.Inject($"GET /{node.Bucket}/blobs/{content}", new WireFault.Status(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>")))
        {
            await node.PutFileAsync("a.xml", file);
            await Eventually.IsAsync(() => node.JobsAsync("ingestion", "Failed"), failed => failed == 1, "its ingestion failed for good");

            var stuck = Assert.Single(await node.DocumentsAsync());
            job = await node.Node.ScalarAsync<Guid>("SELECT id FROM orchestrator.job WHERE lane = 'ingestion'");
            Assert.Equal((DocumentStatus.Received, "WorkFailed"), (stuck.Status, stuck.ReasonCode));
            Assert.Contains("attempt 2 of 2", stuck.Reason, StringComparison.Ordinal);
            Assert.Contains(job.ToString(), stuck.Reason, StringComparison.Ordinal);
            document = stuck.Id;
        }

        await node.Node.Jobs.RetryAsync(job);
        await node.SettledAsync(1);
        var done = Assert.Single(await node.DocumentsAsync());
        Assert.Equal(document, done.Id);
        Assert.NotEqual(DocumentStatus.Received, done.Status);
        Assert.NotEqual("WorkFailed", done.ReasonCode);
    }
}
