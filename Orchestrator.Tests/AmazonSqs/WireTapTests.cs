using Amazon.Runtime;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class WireTapTests
{
    [Fact]
    public async Task Requests_are_counted_by_action_and_a_reset_forgets_them_and_their_rules()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        using var queues = new TestQueues(tap.Url);
        var queue = Shared.Unique("tap");
        await queues.CreateAsync(queue);
        await queues.SendAsync(queue, new SendEntry { Id = "", MessageBody = "one" });
        var duplicate = tap.Inject("ReceiveMessage", new WireFault.Duplicate(), times: 1);

        var first = await queues.ReceiveAsync(queue, waitSeconds: 0);
        var again = await queues.ReceiveAsync(queue, waitSeconds: 0);

        Assert.Equal(first[0].MessageId, Assert.Single(again).MessageId);
        Assert.Equal(2, tap.CountOf("ReceiveMessage"));
        Assert.Equal(1, tap.CountOf("SendMessageBatch"));
        duplicate.Dispose();
        tap.Inject("GetQueueUrl", new WireFault.Refuse("AccessDenied", HttpStatus: 403));
        await Assert.ThrowsAsync<AmazonServiceException>(() => queues.UrlAsync(queue));
        tap.Reset();
        await queues.UrlAsync(queue);
        Assert.Equal([KeyValuePair.Create("GetQueueUrl", 1)], tap.Counts);
    }

    [Fact]
    public async Task An_answer_that_is_lost_was_carried_out_and_an_entry_that_fails_never_arrived()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        using var queues = new TestQueues(tap.Url);
        var queue = Shared.Unique("lost");
        var url = await queues.CreateAsync(queue);
        using (tap.Inject("SendMessageBatch", new WireFault.LoseResponse(), times: 1))
            await queues.SendAsync(queue, new SendEntry { Id = "", MessageBody = "twice" });
        using var rule = tap.Inject("SendMessageBatch", new WireFault.FailEntries("InternalError", Positions: [1]), times: 1);

        var response = await queues.Client.SendMessageBatch(url, [new SendEntry { Id = "a", MessageBody = "x" }, new SendEntry { Id = "b", MessageBody = "y" }], CancellationToken.None);

        Assert.Equal("a", Assert.Single(response.Successful!).Id);
        Assert.Equal("b", Assert.Single(response.Failed!).Id);
        Assert.Equal(3, await queues.CountAsync(queue)); // "twice" twice, and "x"
    }

    [Fact]
    public async Task A_delay_holds_a_request_back()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        using var queues = new TestQueues(tap.Url);
        var queue = Shared.Unique("slow");
        await queues.CreateAsync(queue);
        using var rule = tap.Inject("GetQueueUrl", new WireFault.Delay(TimeSpan.FromMilliseconds(300)), times: 1);
        var started = TimeProvider.System.GetTimestamp();

        await queues.UrlAsync(queue);

        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(290));
    }
}
