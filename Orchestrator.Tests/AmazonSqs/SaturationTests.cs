using System.Collections.Concurrent;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

/// <summary>
/// The incident, scaled down: more messages than permits, the last of which wait more than twice as long as the visibility timeout, and a
/// dead-letter queue after two receives. Unprotected, the waiting messages are redelivered and dead-lettered without having been worked on.
/// </summary>
public class SaturationTests
{
    private const int Messages = 15;
    private const int Permits = 3;
    private const int Receives = 2;
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(8); // a busy machine may be late by a third of it
    private static readonly TimeSpan Work = TimeSpan.FromSeconds(5); // five waves: the last messages wait 20 s

    public sealed record Heavy(int Number);

    [Fact]
    [Trait("Requirement", "PROT-1")]
    [Trait("Requirement", "PROT-3")]
    public async Task Messages_that_wait_longer_than_their_visibility_are_received_once_and_none_is_dead_lettered()
    {
        var run = await RunAsync(Visibility);

        Assert.Equal(Enumerable.Range(0, Messages), run.Done.Keys.Order());
        Assert.All(run.Done.Values, count => Assert.Equal(1, count));
        Assert.Equal(1, run.MaxReceiveCount);
        Assert.Equal(0, run.DeadLetters);
        Assert.Equal(Permits, run.Peak);
        Assert.True(run.LongestWait > Visibility * Receives, $"the longest wait for a permit was {run.LongestWait}, too short for a dead letter: nothing was tested");
    }

    [Fact]
    [Trait("Requirement", "PROT-1")]
    public async Task Without_protection_the_same_run_loses_messages_to_the_dead_letter_queue()
    {
        // Turned round: if nothing is dead-lettered here, the fact above proves nothing.
        var run = await RunAsync(protection: null, untilDeadLettered: true);

        Assert.True(run.MaxReceiveCount <= Receives);
        Assert.True(run.DeadLetters > 0);
    }

    private sealed record Run(ConcurrentDictionary<int, int> Done, int MaxReceiveCount, int DeadLetters, int Peak, TimeSpan LongestWait);

    private static async Task<Run> RunAsync(TimeSpan? protection, bool untilDeadLettered = false)
    {
        var queue = Shared.Unique("saturation");
        var done = new ConcurrentDictionary<int, int>();
        var (maxReceiveCount, longestWait) = (0, TimeSpan.Zero);
        var gate = new Lock();
        using var pool = new PermitPool(Permits);
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.PrefetchCount = Messages;
            e.WaitTimeSeconds = 1;
            e.ProtectiveVisibility = protection;
            e.QueueAttributes["VisibilityTimeout"] = Visibility.TotalSeconds;
            e.DeadLetter(Receives);
            e.ConfigureReceive(r =>
            {
                r.UseVisibilityExtension();
                r.UsePermits(pool);
            });
            e.Handler<Heavy>(async context =>
            {
                var lease = context.GetPayload<MessageLease>();
                lock (gate)
                {
                    maxReceiveCount = Math.Max(maxReceiveCount, lease.ReceiveCount);
                    var waited = TimeProvider.System.GetUtcNow() - lease.ReceivedAt;
                    longestWait = waited > longestWait ? waited : longestWait;
                }
                await Task.Delay(Work, TimeProvider.System, CancellationToken.None);
                done.AddOrUpdate(context.Message.Number, 1, (_, count) => count + 1);
            });
        }));
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));

        await Task.WhenAll(Enumerable.Range(0, Messages).Select(number => endpoint.Send(new Heavy(number))));

        if (untilDeadLettered)
        {
            await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue + "_dlq").Result > 0, "messages are dead-lettered while they wait");
            return new Run(done, maxReceiveCount, await bus.Queues.CountAsync(queue + "_dlq"), pool.Peak, longestWait);
        }
        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "the queue is empty");
        await Eventually.IsTrueAsync(() => pool.Held == 0 && pool.Waiting == 0, "nothing is worked on any more");
        return new Run(done, maxReceiveCount, await bus.Queues.CountAsync(queue + "_dlq"), pool.Peak, longestWait);
    }
}
