using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class PollGateTests
{
    public sealed record Job(int Number);

    [Fact]
    [Trait("Requirement", "RES-5")]
    public async Task A_shut_gate_stops_polling_so_that_no_receive_is_spent_and_an_opened_one_lets_it_go_on()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var gate = new Gate(open: false);
        var received = new TaskCompletionSource<int>();
        var queue = Shared.Unique("gate");
        await using var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.PollGate = gate;
                e.Handler<Job>(context =>
                {
                    received.TrySetResult(context.GetPayload<MessageLease>().ReceiveCount);
                    return Task.CompletedTask;
                });
            }),
            url: tap.Url);
        await bus.SendAsync(queue, new Job(1));
        await gate.Asked.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, tap.CountOf("ReceiveMessage"));
        Assert.Equal("1", (await bus.Queues.AttributesAsync(queue))["ApproximateNumberOfMessages"]);
        gate.Open();
        Assert.Equal(1, await received.Task.WaitAsync(TimeSpan.FromSeconds(30)));

        gate.Shut();
        await gate.Asked.WaitAsync(TimeSpan.FromSeconds(30)); // the poll that was under way has ended and the gate was asked
        var polls = tap.CountOf("ReceiveMessage");
        await bus.SendAsync(queue, new Job(2));
        Assert.Equal("1", (await bus.Queues.AttributesAsync(queue))["ApproximateNumberOfMessages"]);
        Assert.Equal(polls, tap.CountOf("ReceiveMessage"));
    }

    [Fact]
    [Trait("Requirement", "RES-5")]
    public async Task A_gate_that_shuts_while_a_backlog_is_fetched_ends_the_further_polls_too()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var gate = new OnceOpen();
        var queue = Shared.Unique("backlog");
        using var queues = new TestQueues(tap.Url);
        await queues.CreateAsync(queue);
        await queues.SendAsync(queue, [.. Enumerable.Range(0, 40).Select(_ => new SendEntry { Id = "", MessageBody = "{}" })]);
        var release = new TaskCompletionSource();
        await using var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.PrefetchCount = 40;
                e.ProtectiveVisibility = TimeSpan.FromSeconds(9);
                e.PollGate = gate;
                e.ConfigureReceive(r => r.UseExecuteAsync(_ => release.Task));
            }),
            url: tap.Url);
        try
        {
            await Eventually.IsTrueAsync(() => tap.CountOf("ReceiveMessage") >= 2, "the first poll came back full, and a further one was begun");
            await gate.Asked.WaitAsync(TimeSpan.FromSeconds(30));
            await Eventually.IsTrueAsync(() => tap.CountOf("ChangeMessageVisibilityBatch") >= 4, "two beats have passed");

            Assert.Equal(2, tap.CountOf("ReceiveMessage"));
            Assert.Equal("20", (await queues.AttributesAsync(queue))["ApproximateNumberOfMessages"]);
        }
        finally
        {
            release.SetResult();
        }
    }

    /// <summary>Lets the first receive through and is shut from then on.</summary>
    private sealed class OnceOpen : IPollGate
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _asks;

        public bool IsOpen => Interlocked.Increment(ref _asks) == 1;
        public Task Asked => _asked.Task;

        public async ValueTask WaitUntilOpenAsync(CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
    }

    private sealed class Gate(bool open) : IPollGate
    {
        private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _open = open ? Completed() : new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsOpen => _open.Task.IsCompleted;
        public Task Asked => _asked.Task;

        public async ValueTask WaitUntilOpenAsync(CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            await _open.Task.WaitAsync(cancellationToken);
        }

        public void Open()
        {
            _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _open.TrySetResult();
        }

        public void Shut() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private static TaskCompletionSource Completed()
        {
            var source = new TaskCompletionSource();
            source.SetResult();
            return source;
        }
    }
}
