using Orchestrator.Local.Wire;
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
}
