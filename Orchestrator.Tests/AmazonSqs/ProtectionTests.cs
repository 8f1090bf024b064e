using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class ProtectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A protection with a beat each three seconds: a busy machine may be three seconds late and keeps what it holds.</summary>
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(9);

    public sealed record Job(int Number);

    [Fact]
    [Trait("Requirement", "PROT-1")]
    public async Task The_receive_itself_asks_for_protection_and_the_message_is_extended_before_its_permit_comes()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        using var pool = new PermitPool(1);
        Assert.True(pool.TryTake()); // the only permit is held elsewhere
        var started = new TaskCompletionSource<MessageLease>();
        var queue = Shared.Unique("protect");
        await using var bus = await StartAsync(tap, queue, started, e =>
        {
            e.ProtectiveVisibility = Ample;
            e.ConfigureReceive(r =>
            {
                r.UseVisibilityExtension();
                r.UsePermits(pool);
            });
        });

        await bus.SendAsync(queue, new Job(1));

        // The third is asked for when the second has been answered and noted.
        await Eventually.IsTrueAsync(() => tap.CountOf("ChangeMessageVisibilityBatch") >= 3, "the waiting message is extended twice");
        Assert.False(started.Task.IsCompleted);
        Assert.Equal(1, pool.Waiting);
        Assert.All(Bodies(tap, "ReceiveMessage"), body => Assert.Equal(9, body["VisibilityTimeout"]!.GetValue<int>()));
        pool.Return();
        var lease = await started.Task.WaitAsync(Patience);
        Assert.Equal(1, lease.ReceiveCount);
        Assert.True(lease.Extensions >= 2);
        Assert.True(lease.ProtectedUntil > lease.ReceivedAt + Ample);
    }

    [Fact]
    [Trait("Requirement", "PROT-5")]
    public async Task Failed_extensions_are_tried_again_and_the_lease_outlives_them()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var started = new TaskCompletionSource<MessageLease>();
        var release = new TaskCompletionSource();
        var queue = Shared.Unique("retry");
        // Wherever in a beat the message comes, a third of its protection is left for the faults: time for all of them, one after the other.
        await using var bus = await StartAsync(tap, queue, started, e => e.ProtectiveVisibility = Ample, _ => release.Task);
        tap.Inject("ChangeMessageVisibilityBatch", new WireFault.FailEntries("InternalError"), times: 2);
        tap.Inject("ChangeMessageVisibilityBatch", new WireFault.Status(503), times: 1);
        tap.Inject("ChangeMessageVisibilityBatch", new WireFault.Cut(), times: 1);

        await bus.SendAsync(queue, new Job(1));
        var lease = await started.Task.WaitAsync(Patience);
        try
        {
            await Eventually.IsTrueAsync(() => lease.Extensions >= 2, "it is extended after the faults");

            Assert.False(lease.Lost.IsCancellationRequested);
            Assert.Equal(1, lease.ReceiveCount);
        }
        finally
        {
            release.SetResult(); // the bus does not stop before the work has ended
        }

        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "the message is deleted");
    }

    [Theory]
    [Trait("Requirement", "PROT-5")]
    [InlineData("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")]
    [InlineData("AWS.SimpleQueueService.MessageNotInflight", "no")]
    [InlineData("InvalidParameterValue", "Message does not exist or is not available for visibility timeout change.")]
    [InlineData("InvalidParameterValue", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")]
    public async Task A_lost_lease_cancels_the_work_at_once(string code, string message)
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var started = new TaskCompletionSource<MessageLease>();
        var cancelled = new TaskCompletionSource();
        var queue = Shared.Unique("lost");
        await using var bus = await StartAsync(tap, queue, started, _ => { }, async context =>
        {
            using var noted = context.CancellationToken.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        });
        using var rule = tap.Inject("ChangeMessageVisibilityBatch", new WireFault.FailEntries(code, message, SenderFault: true), times: 1);

        await bus.SendAsync(queue, new Job(1));

        var lease = await started.Task.WaitAsync(Patience);
        await cancelled.Task.WaitAsync(Patience);
        Assert.True(lease.Lost.IsCancellationRequested);
        Assert.Equal(0, lease.Extensions);
    }

    [Fact]
    [Trait("Requirement", "PROT-5")]
    public async Task When_no_extension_succeeds_the_work_is_cancelled_when_the_protection_ends_and_not_before()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var started = new TaskCompletionSource<MessageLease>();
        var cancelled = new TaskCompletionSource<DateTimeOffset>();
        var queue = Shared.Unique("deadline");
        // Without a free place nobody here polls, so no redelivery brings the message back just before the end.
        await using var bus = await StartAsync(tap, queue, started, e => e.PrefetchCount = 1, async context =>
        {
            using var noted = context.CancellationToken.Register(() => cancelled.TrySetResult(TimeProvider.System.GetUtcNow()));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        });
        using var rule = tap.Inject("ChangeMessageVisibilityBatch", new WireFault.Refuse("InternalError", HttpStatus: 500));

        await bus.SendAsync(queue, new Job(1));

        var lease = await started.Task.WaitAsync(Patience);
        var at = await cancelled.Task.WaitAsync(Patience);
        Assert.InRange((at - lease.ReceivedAt).TotalSeconds, 2.9, 6);
        Assert.True(tap.CountOf("ChangeMessageVisibilityBatch") >= 2, "it was tried again");
    }

    [Theory]
    [Trait("Requirement", "PROT-4")]
    [InlineData(8, 20)]
    [InlineData(25, 60)] // receives come back full, so that further polls run beside the first
    public async Task No_more_than_the_prefetch_is_held_and_what_waits_in_the_buffer_is_protected_too(int prefetch, int messages)
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var release = new TaskCompletionSource();
        var counts = new ConcurrentBag<int>();
        var queue = Shared.Unique("prefetch");
        await using var bus = await StartAsync(tap, queue, new TaskCompletionSource<MessageLease>(), e =>
        {
            e.ProtectiveVisibility = Ample;
            e.PrefetchCount = prefetch;
            e.ConcurrentMessageLimit = 2;
        }, async context =>
        {
            counts.Add(context.GetPayload<MessageLease>().ReceiveCount);
            await release.Task;
        });
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await Task.WhenAll(Enumerable.Range(0, messages).Select(number => endpoint.Send(new Job(number))));

        await Eventually.IsTrueAsync(() => InFlight(bus, queue) >= prefetch, "the prefetch is full");
        tap.Reset();
        var requestsOfABeat = (prefetch + 9) / 10;
        await Eventually.IsTrueAsync(() => tap.CountOf("ChangeMessageVisibilityBatch") >= 4 * requestsOfABeat, "four beats have passed, longer than the protection");
        Assert.Equal(prefetch, InFlight(bus, queue));
        Assert.Equal(2, counts.Count);
        Assert.Equal(0, tap.CountOf("ReceiveMessage"));
        release.SetResult();
        await Eventually.IsTrueAsync(() => counts.Count == messages, "all were worked on");
        Assert.All(counts, count => Assert.Equal(1, count));
    }

    [Fact]
    [Trait("Requirement", "PROT-1")]
    public async Task One_beat_extends_all_messages_of_a_queue_together_ten_a_request()
    {
        const int held = 40;
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var leases = new ConcurrentBag<MessageLease>();
        var release = new TaskCompletionSource();
        var queue = Shared.Unique("beats");
        await using var bus = await StartAsync(tap, queue, new TaskCompletionSource<MessageLease>(), e =>
        {
            e.PrefetchCount = held;
            e.ProtectiveVisibility = TimeSpan.FromSeconds(12); // long enough for a busy machine
        }, async context =>
        {
            leases.Add(context.GetPayload<MessageLease>());
            await release.Task;
        });
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await Task.WhenAll(Enumerable.Range(0, held).Select(number => endpoint.Send(new Job(number))));
        await Eventually.IsTrueAsync(() => leases.Count == held, "all are held");

        await Eventually.IsTrueAsync(() => leases.All(lease => lease.Extensions >= 3), "three beats have passed");

        var beats = leases.Max(lease => lease.Extensions);
        var perTenHeldAndBeat = tap.CountOf("ChangeMessageVisibilityBatch") / (held / 10.0 * beats);
        Assert.True(perTenHeldAndBeat <= 1.2, $"{perTenHeldAndBeat:F2} requests for ten messages and beat");
        release.SetResult();
    }

    private static int InFlight(TestBus bus, string queue) =>
        int.Parse(bus.Queues.AttributesAsync(queue).Result["ApproximateNumberOfMessagesNotVisible"]);

    private static IEnumerable<JsonNode> Bodies(WireTap tap, string action) =>
        tap.Requests.Where(request => request.Action == action).Select(request => JsonNode.Parse(request.Body)!);

    /// <summary>An endpoint with a protection of 3 s and a beat each second, behind the wire.</summary>
    private static Task<TestBus> StartAsync(
        WireTap tap, string queue, TaskCompletionSource<MessageLease> started,
        Action<IAmazonSqsReceiveEndpointConfigurator> configure, Func<ConsumeContext<Job>, Task>? work = null) =>
        TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.ProtectiveVisibility = TimeSpan.FromSeconds(3);
                configure(e);
                e.Handler<Job>(async context =>
                {
                    started.TrySetResult(context.GetPayload<MessageLease>());
                    if (work is not null)
                        await work(context);
                });
            }),
            url: tap.Url);
}
