using System.Collections.Concurrent;
using System.Globalization;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Tests.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Journey;

/// <summary>The incident on a bare endpoint, both ways round: what the replay shows to hold breaks as soon as the permit comes first.</summary>
public sealed class ProtectionOrderTests
{
    private const int Messages = 22;

    // Eight waves: the last messages wait more than twice as long as their visibility. What must hold has time for a busy machine; what must break needs none.
    private static readonly (TimeSpan Visibility, TimeSpan Work) Breaks = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1));
    private static readonly (TimeSpan Visibility, TimeSpan Work) Holds = (TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(3));

    public sealed record Child(int Number);

    [Fact]
    [Trait("Requirement", "PROT-1")]
    [Trait("Requirement", "PROT-8")]
    public async Task With_the_permit_before_the_protection_messages_are_received_again_while_they_wait_and_end_as_dead_letters()
    {
        var (receiveCounts, dead) = await RunAsync(
            Breaks,
            protection: null, // a message lasts as long as its queue says
            (receive, permits) =>
            {
                receive.UsePermits(permits);
                receive.UseVisibilityExtension();
            });

        Assert.Contains(receiveCounts, count => count > 1);
        Assert.True(dead > 0, "no message reached the dead-letter queue");
    }

    [Fact]
    [Trait("Requirement", "PROT-1")]
    public async Task With_the_protection_before_the_permit_each_message_is_received_once_and_none_is_lost()
    {
        var (receiveCounts, dead) = await RunAsync(Holds, Holds.Visibility, (receive, permits) =>
        {
            receive.UseVisibilityExtension();
            receive.UsePermits(permits);
        });

        Assert.All(receiveCounts, count => Assert.Equal(1, count));
        Assert.Equal(0, dead);
    }

    /// <summary>Sends all messages at once to an endpoint that can hold them all, and waits until each was worked on.</summary>
    private static async Task<(IReadOnlyCollection<int> ReceiveCounts, int Dead)> RunAsync(
        (TimeSpan Visibility, TimeSpan Work) times, TimeSpan? protection, Action<IReceivePipeConfigurator, PermitPool> pipeline)
    {
        using var permits = new PermitPool(3);
        var receiveCounts = new ConcurrentQueue<int>();
        var queue = Shared.Unique("order");
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.QueueAttributes["VisibilityTimeout"] = ((int)times.Visibility.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            endpoint.DeadLetter(3);
            endpoint.WaitTimeSeconds = 1;
            endpoint.PrefetchCount = 2 * Messages;
            endpoint.ConcurrentMessageLimit = 2 * Messages;
            endpoint.ProtectiveVisibility = protection;
            endpoint.ConfigureReceive(receive => pipeline(receive, permits));
            endpoint.Handler<Child>(async context =>
            {
                await Task.Delay(times.Work, TimeProvider.System, CancellationToken.None);
                receiveCounts.Enqueue(context.GetPayload<MessageLease>().ReceiveCount);
            });
        }));
        var address = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(number => address.Send(new Child(number))));

        await Eventually.IsTrueAsync(() => receiveCounts.Count >= Messages, "each message was worked on");
        Assert.Equal(permits.Permits, permits.Peak);
        return (receiveCounts, await bus.Queues.CountAsync(queue + "_dlq"));
    }
}
