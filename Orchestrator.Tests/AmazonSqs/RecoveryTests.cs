using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class RecoveryTests
{
    public sealed record Job(int Number);

    [Fact]
    public async Task An_endpoint_whose_receives_fail_says_so_in_its_health_and_recovers_by_itself()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var queue = Shared.Unique("outage");
        var received = new TaskCompletionSource();
        await using var bus = await StartAsync(tap, queue, _ =>
        {
            received.TrySetResult();
            return Task.CompletedTask;
        });
        Assert.Equal(BusHealthStatus.Healthy, bus.Bus.CheckHealth().Status);

        using (tap.Inject("ReceiveMessage", new WireFault.Status(500)))
        {
            await Eventually.IsTrueAsync(() => bus.Bus.CheckHealth().Status != BusHealthStatus.Healthy, "the health tells the outage");
            await bus.SendAsync(queue, new Job(1));
            var polls = tap.CountOf("ReceiveMessage");
            await Eventually.IsTrueAsync(() => tap.CountOf("ReceiveMessage") >= polls + 4, "it goes on trying");
            Assert.NotEqual(BusHealthStatus.Healthy, bus.Bus.CheckHealth().Status);
            Assert.False(received.Task.IsCompleted);
        }

        await received.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await Eventually.IsTrueAsync(() => bus.Bus.CheckHealth().Status == BusHealthStatus.Healthy, "it is healthy again");
    }

    [Fact]
    [Trait("Requirement", "PROT-5")]
    public async Task Work_that_was_cancelled_by_a_loss_leaves_with_the_handle_of_the_redelivery_and_runs_again_later()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var queue = Shared.Unique("regained");
        var runs = new ConcurrentQueue<MessageLease>();
        var mayEnd = new TaskCompletionSource();
        using var rule = tap.Inject("ChangeMessageVisibilityBatch", new WireFault.FailEntries("ReceiptHandleIsInvalid", SenderFault: true), times: 1);
        await using var bus = await StartAsync(tap, queue, async context =>
        {
            runs.Enqueue(context.GetPayload<MessageLease>());
            if (runs.Count > 1)
                return;
            await mayEnd.Task; // does not heed its cancellation at once
            context.CancellationToken.ThrowIfCancellationRequested();
        }, protection: TimeSpan.FromSeconds(2));

        await bus.SendAsync(queue, new Job(1));
        await Eventually.IsTrueAsync(() => runs.TryPeek(out var first) && first.Lost.IsCancellationRequested && first.ReceiveCount >= 2, "the loss is noticed, and the redelivery taken over");
        mayEnd.SetResult();

        await Eventually.IsTrueAsync(() => runs.Count == 2 && bus.Queues.CountAsync(queue).Result == 0, "it ran again and was settled");
    }

    [Fact]
    public async Task A_redelivery_that_comes_while_the_first_delivery_is_just_released_is_worked_on()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var queue = Shared.Unique("released");
        var redelivered = new ConcurrentQueue<bool>();
        await using var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.MaxRedeliveryDelay = TimeSpan.Zero;
                e.RethrowFaultedMessages();
                e.Handler<Job>(context =>
                {
                    redelivered.Enqueue(context.ReceiveContext.Redelivered);
                    return redelivered.Count < 5 ? throw new InvalidOperationException("at once again") : Task.CompletedTask;
                });
            }),
            url: tap.Url);

        await bus.SendAsync(queue, new Job(1));

        await Eventually.IsTrueAsync(() => redelivered.Count == 5 && bus.Queues.CountAsync(queue).Result == 0, "the fifth delivery settles it");
        Assert.Equal([false, true, true, true, true], redelivered);
    }

    [Fact]
    public async Task A_subscription_that_exists_with_other_attributes_is_changed()
    {
        var (queue, topic) = (Shared.Unique("changed"), Shared.Unique("topic"));
        var received = new ConcurrentBag<string?>();
        foreach (var side in new[] { "a", "b" })
        {
            await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.ConfigureConsumeTopology = false;
                e.Subscribe(topic, s => s.SubscriptionAttributes["FilterPolicy"] = $$"""{"side":["{{side}}"]}""");
                e.Handler<Job>(context =>
                {
                    received.Add(context.Headers.Get<string>("side"));
                    return Task.CompletedTask;
                });
            }));
            var endpoint = await bus.Bus.GetSendEndpoint(new Uri("topic:" + topic));
            await endpoint.Send(new Job(1), context => context.Headers.Set("side", "a"));
            await endpoint.Send(new Job(2), context => context.Headers.Set("side", "b"));
            await Eventually.IsTrueAsync(() => received.Contains(side), $"{side} has come");
        }
        Assert.Equal(["a", "b"], received.Order());
    }

    [Fact]
    public async Task What_happens_is_measured()
    {
        var queue = Shared.Unique("measured");
        var sums = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Orchestrator.AmazonSqs")
                self.EnableMeasurementEvents(instrument);
        } };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.Start();
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var release = new TaskCompletionSource();
        await using var bus = await StartAsync(tap, queue, _ => release.Task, protection: TimeSpan.FromSeconds(1));

        await bus.SendAsync(queue, new Job(1));
        await Eventually.IsTrueAsync(() => sums.GetValueOrDefault("sqs.lease.extensions") >= 1, "an extension is counted");
        release.SetResult();

        await Eventually.IsTrueAsync(() => sums.GetValueOrDefault("sqs.messages.deleted") >= 1, "the delete is counted");
        Assert.True(sums["sqs.requests"] >= 4);
        Assert.True(sums["sqs.messages.received"] >= 1);
        Assert.True(sums["sqs.messages.receive_count"] >= 1);
        Assert.True(sums["sqs.batch.size"] >= 2);
        Assert.Contains("sqs.messages.held", sums.Keys);
    }

    private static Task<TestBus> StartAsync(WireTap tap, string queue, Func<ConsumeContext<Job>, Task> work, TimeSpan? protection = null) =>
        TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                if (protection is not null)
                    e.ProtectiveVisibility = protection;
                e.Handler<Job>(context => work(context));
            }),
            url: tap.Url);
}
