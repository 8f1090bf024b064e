using System.Text.Json.Nodes;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Orchestrator.Tests.AmazonSqs;

/// <summary>What the transport may cost, counted at the wire: AWS bills requests.</summary>
public class BudgetTests(ITestOutputHelper output)
{
    private const int Messages = 10_000;
    private const double MaxSends = 0.11;
    private const double MaxReceives = 0.22;

    public sealed record Job(int Number);

    [Fact]
    [Trait("Requirement", "PROT-4")]
    public async Task A_backlog_costs_a_tenth_of_a_request_to_send_and_a_fifth_to_receive_and_delete()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var (sends, receives, peak) = (double.MaxValue, double.MaxValue, 0);
        // A machine that is busy with something else leaves gaps between sends and between deletes, and batches go that are not full: then it is measured again.
        for (var attempt = 1; attempt <= 3 && (sends > MaxSends || receives > MaxReceives); attempt++)
        {
            var queue = Shared.Unique("backlog");
            sends = Math.Min(sends, await SendAsync(tap, queue));
            var (cost, together) = await ReceiveAsync(tap, queue);
            (receives, peak) = (Math.Min(receives, cost), Math.Max(peak, together));
        }

        Assert.True(sends <= MaxSends, $"{sends:F4} requests for each message sent");
        Assert.True(receives <= MaxReceives, $"{receives:F4} requests for each message consumed");
        Assert.InRange(peak, 25, 32);
    }

    /// <summary>Sends a backlog to a queue.</summary>
    /// <returns>The requests for each message.</returns>
    private async Task<double> SendAsync(WireTap tap, string queue)
    {
        tap.Reset();
        await using (var sender = await TestBus.StartAsync((_, _) => { }, url: tap.Url))
        {
            var endpoint = await sender.Bus.GetSendEndpoint(new Uri("queue:" + queue));
            await Task.WhenAll(Enumerable.Range(0, Messages).Select(number => endpoint.Send(new Job(number))));
        }

        var sends = tap.CountOf("SendMessageBatch") / (double)Messages;
        output.WriteLine($"{sends:F4} requests for each message sent: {string.Join(", ", tap.Counts)}");
        return sends;
    }

    /// <summary>Receives the backlog of a queue and deletes it.</summary>
    /// <returns>The requests for each message, and how many were worked on at once.</returns>
    private async Task<(double Cost, int Peak)> ReceiveAsync(WireTap tap, string queue)
    {
        var (consumed, peak, running) = (0, 0, 0);
        tap.Reset();
        await using var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.ConcurrentMessageLimit = 32;
                e.PrefetchCount = 64;
                e.ConfigureConsumeTopology = false;
                e.Handler<Job>(async _ =>
                {
                    var now = Interlocked.Increment(ref running);
                    InterlockedMax(ref peak, now);
                    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
                    Interlocked.Decrement(ref running);
                    Interlocked.Increment(ref consumed);
                });
            }),
            url: tap.Url);
        await Eventually.IsTrueAsync(() => Volatile.Read(ref consumed) >= Messages, "the backlog is consumed");
        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "and deleted");

        var receives = (tap.CountOf("ReceiveMessage") + tap.CountOf("DeleteMessageBatch") + tap.CountOf("ChangeMessageVisibilityBatch")) / (double)Messages;
        output.WriteLine($"{receives:F4} requests for each message consumed: {string.Join(", ", tap.Counts)}");
        await bus.Bus.StopAsync(TimeSpan.FromSeconds(60)); // it polls on until then
        Assert.Equal(Messages, consumed);
        Assert.Equal(tap.CountOf("ReceiveMessage"), bus.Requests.ByAction["ReceiveMessage"]);
        return (receives, peak);
    }

    [Fact]
    [Trait("Requirement", "PROT-7")]
    public async Task An_idle_endpoint_costs_one_long_poll_each_twenty_seconds_and_a_stop_waits_for_it()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var queue = Shared.Unique("idle");
        var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e => e.Handler<Job>(_ => Task.CompletedTask)),
            url: tap.Url);
        await Eventually.IsTrueAsync(() => tap.CountOf("ReceiveMessage") == 1, "the first poll is under way");
        var started = tap.Requests.Last(request => request.Action == "ReceiveMessage").At; // it may have been noticed later
        var setUp = tap.Counts.Values.Sum();

        await bus.Bus.StopAsync(TimeSpan.FromSeconds(60)); // never cancels the poll: what it would bring would be lost until its protection ends

        var cycle = TimeProvider.System.GetUtcNow() - started;
        Assert.Equal(20, JsonNode.Parse(tap.Requests.Last(request => request.Action == "ReceiveMessage").Body)!["WaitTimeSeconds"]!.GetValue<int>());
        Assert.InRange(cycle.TotalSeconds, 18.75, 40);
        Assert.Equal(setUp, tap.Counts.Values.Sum()); // nothing else in a whole cycle
        var perMinute = 60 / cycle.TotalSeconds;
        Assert.True(perMinute <= 3.2, $"{perMinute:F2} requests a minute");
        await bus.DisposeAsync();
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
            Interlocked.CompareExchange(ref target, value, seen);
    }
}
