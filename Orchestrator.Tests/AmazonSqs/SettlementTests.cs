using System.Collections.Concurrent;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class SettlementTests
{
    public sealed record Job(int Number);

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_delete_that_fails_is_tried_again_while_the_message_stays_protected_and_it_runs_once()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var runs = new ConcurrentBag<int>();
        var queue = Shared.Unique("delete");
        // Protected for so long that no redelivery can do the delete's work: only trying again can empty the queue.
        await using var bus = await StartAsync(tap, queue, context => runs.Add(context.Message.Number), e => e.ProtectiveVisibility = TimeSpan.FromSeconds(120));
        using var half = tap.Inject("DeleteMessageBatch", new WireFault.FailEntries("InternalError", Positions: [0, 2, 4]), times: 2);
        using var whole = tap.Inject("DeleteMessageBatch", new WireFault.Status(500), times: 4);

        await SendAllAsync(bus, queue, 12);

        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "everything is deleted in the end");
        Assert.Equal(Enumerable.Range(0, 12), runs.Order());
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_redelivery_of_settled_work_is_deleted_without_being_run()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var runs = new ConcurrentBag<int>();
        var queue = Shared.Unique("settled");
        await using var bus = await StartAsync(tap, queue, context => runs.Add(context.Message.Number), e =>
        {
            e.ProtectiveVisibility = null; // the queue's own second, so that the redelivery comes soon
            e.QueueAttributes["VisibilityTimeout"] = 1;
        });
        // The answer says deleted, but the message stays: the handle was stale, as SQS may do with an old one.
        using var rule = tap.Inject("DeleteMessageBatch", new WireFault.Script(_ => """{"Successful":[{"Id":"0"}]}"""), times: 1);

        await bus.SendAsync(queue, new Job(1));

        await Eventually.IsTrueAsync(() => tap.CountOf("DeleteMessageBatch") >= 2 && bus.Queues.CountAsync(queue).Result == 0, "the redelivery is deleted");
        Assert.Equal([1], runs);
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_redelivery_of_running_work_is_not_run_again_and_its_newest_handle_deletes_it()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var runs = new ConcurrentBag<int>();
        var lease = new TaskCompletionSource<MessageLease>();
        var release = new TaskCompletionSource();
        var queue = Shared.Unique("running");
        await using var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.ProtectiveVisibility = null;
                e.QueueAttributes["VisibilityTimeout"] = 1;
                e.Handler<Job>(async context =>
                {
                    runs.Add(context.Message.Number);
                    lease.TrySetResult(context.GetPayload<MessageLease>());
                    await release.Task;
                });
            }),
            url: tap.Url);

        await bus.SendAsync(queue, new Job(1));
        var held = await lease.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.IsTrueAsync(() => held.ReceiveCount >= 3, "it was delivered again while it ran");
        release.SetResult();

        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "the newest handle deleted it");
        Assert.Equal([1], runs);
        // Nothing is kept of the duplicate: the same endpoint goes on with other messages.
        await bus.SendAsync(queue, new Job(2));
        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "the next message is settled too");
        Assert.Equal([1, 2], runs.Order());
    }

    [Fact]
    public async Task A_message_delivered_twice_by_SQS_runs_once()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var runs = new ConcurrentBag<int>();
        var queue = Shared.Unique("twice");
        await using var bus = await StartAsync(tap, queue, context => runs.Add(context.Message.Number));
        using var rule = tap.Inject("ReceiveMessage", new WireFault.Duplicate());

        await SendAllAsync(bus, queue, 20);

        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "everything is deleted");
        Assert.Equal(Enumerable.Range(0, 20), runs.Order());
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_fault_outside_the_consumer_brings_the_message_again_later_and_later()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var attempts = new ConcurrentQueue<(int ReceiveCount, DateTimeOffset At)>();
        var queue = Shared.Unique("backoff");
        await using var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.RethrowFaultedMessages();
                e.Handler<Job>(context =>
                {
                    attempts.Enqueue((context.GetPayload<MessageLease>().ReceiveCount, TimeProvider.System.GetUtcNow()));
                    return attempts.Count < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
                });
            }),
            url: tap.Url);

        await bus.SendAsync(queue, new Job(1));

        await Eventually.IsTrueAsync(() => attempts.Count == 3 && bus.Queues.CountAsync(queue).Result == 0, "the third attempt settles it");
        var list = attempts.ToArray();
        Assert.Equal([1, 2, 3], list.Select(attempt => attempt.ReceiveCount));
        Assert.True(list[1].At - list[0].At >= TimeSpan.FromSeconds(1.9));
        Assert.True(list[2].At - list[1].At >= TimeSpan.FromSeconds(3.9));
    }

    [Fact]
    public async Task Sends_that_a_batch_refused_are_sent_again_alone_and_a_refusal_for_good_is_told_to_the_sender()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var queue = Shared.Unique("sends");
        await using var bus = await TestBus.StartAsync((_, _) => { }, url: tap.Url);
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await endpoint.Send(new Job(0)); // makes the queue

        using (tap.Inject("SendMessageBatch", new WireFault.FailEntries("InternalError", Positions: [0]), times: 3))
            await Task.WhenAll(Enumerable.Range(1, 30).Select(number => endpoint.Send(new Job(number))));
        Assert.Equal(31, await bus.Queues.CountAsync(queue));

        using (tap.Inject("SendMessageBatch", new WireFault.FailEntries("InvalidMessageContents", "bad", SenderFault: true), times: 1))
        {
            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => endpoint.Send(new Job(31)));
            Assert.Contains("InvalidMessageContents", refusal.ToString());
        }
        using (tap.Inject("SendMessageBatch", new WireFault.Refuse("RequestThrottled"), times: 2))
            await endpoint.Send(new Job(32));
        using (tap.Inject("SendMessageBatch", new WireFault.LoseResponse(), times: 1))
            await endpoint.Send(new Job(33)); // the SDK sends it again: two copies, and the caller is content
        Assert.Equal(34, await bus.Queues.CountAsync(queue));
    }

    [Fact]
    public async Task A_message_that_AWS_would_refuse_is_refused_before_the_wire_with_size_and_remedy()
    {
        await using var bus = await TestBus.StartAsync((_, _) => { }, host: h => h.MaxMessageBytes(2048));
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + Shared.Unique("big")));

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => endpoint.Send(new Announcement(new string('€', 700))));

        Assert.Contains("2048", refusal.ToString());
        Assert.Contains("S3", refusal.ToString());
    }

    public sealed record Announcement(string Text);

    private static Task<TestBus> StartAsync(WireTap tap, string queue, Action<ConsumeContext<Job>> work, Action<IAmazonSqsReceiveEndpointConfigurator>? configure = null) =>
        TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.ProtectiveVisibility = TimeSpan.FromSeconds(3);
                configure?.Invoke(e);
                e.Handler<Job>(context =>
                {
                    work(context);
                    return Task.CompletedTask;
                });
            }),
            url: tap.Url);

    private static async Task SendAllAsync(TestBus bus, string queue, int count)
    {
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await Task.WhenAll(Enumerable.Range(0, count).Select(number => endpoint.Send(new Job(number))));
    }
}
