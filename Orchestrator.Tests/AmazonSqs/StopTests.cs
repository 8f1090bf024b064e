using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class StopTests
{
    public sealed record Job(int Number);

    [Theory]
    [Trait("Requirement", "PROT-7")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stop_lets_running_work_end_and_hands_back_the_rest_at_once(bool permits)
    {
        using var pool = new PermitPool(2);
        var started = new ConcurrentBag<int>();
        var ended = new ConcurrentBag<int>();
        var release = new TaskCompletionSource();
        var queue = Shared.Unique("stop");
        var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.PrefetchCount = 12;
            if (permits)
                e.ConfigureReceive(r =>
                {
                    r.UseVisibilityExtension();
                    r.UsePermits(pool);
                });
            else
                e.ConcurrentMessageLimit = 2;
            e.Handler<Job>(async context =>
            {
                started.Add(context.Message.Number);
                await release.Task;
                ended.Add(context.Message.Number);
            });
        }));
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await Task.WhenAll(Enumerable.Range(0, 12).Select(number => endpoint.Send(new Job(number))));
        await Eventually.IsTrueAsync(() => started.Count == 2 && InFlight(bus.Queues, queue) == 12, "two run and ten wait");

        var stop = bus.Bus.StopAsync(TimeSpan.FromSeconds(60));
        await Eventually.IsTrueAsync(() => InFlight(bus.Queues, queue) == 2, "the ten are visible again while the two still run");
        Assert.False(stop.IsCompleted);
        release.SetResult();
        await stop;

        Assert.Equal(2, started.Count);
        Assert.Equal(2, ended.Count);
        var left = await bus.Queues.AttributesAsync(queue);
        Assert.Equal("10", left["ApproximateNumberOfMessages"]);
        Assert.Equal("0", left["ApproximateNumberOfMessagesNotVisible"]);
        await bus.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "PROT-7")]
    public async Task What_a_stop_hands_back_does_not_come_again_by_its_own_last_poll()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        using var pool = new PermitPool(1);
        var (started, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var queue = Shared.Unique("bounce");
        var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 3;
                e.PrefetchCount = 40; // room is left, so a poll is under way
                e.ConfigureReceive(r =>
                {
                    r.UseVisibilityExtension();
                    r.UsePermits(pool);
                });
                e.Handler<Job>(_ =>
                {
                    started.TrySetResult();
                    return release.Task;
                });
            }),
            url: tap.Url);
        for (var number = 0; number < 11; number++)
            await bus.SendAsync(queue, new Job(number));
        await started.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.IsTrueAsync(() => InFlight(bus.Queues, queue) == 11, "all are held");
        var polls = tap.CountOf("ReceiveMessage");
        await Eventually.IsTrueAsync(() => tap.CountOf("ReceiveMessage") > polls, "a new poll has just begun");

        var stop = bus.Bus.StopAsync(TimeSpan.FromSeconds(60));
        await Eventually.IsTrueAsync(() => InFlight(bus.Queues, queue) == 1, "the ten are visible again");
        release.SetResult();
        await stop;

        var left = await bus.Queues.ReceiveAsync(queue);
        Assert.Equal(Enumerable.Repeat("2", 10), left.Select(message => message.Attributes!["ApproximateReceiveCount"])); // the node's, and this one
        await bus.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "PROT-7")]
    public async Task A_stop_whose_time_is_up_cancels_the_work_and_hands_its_message_back()
    {
        var started = new TaskCompletionSource();
        var queue = Shared.Unique("cut");
        var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<Job>(async context =>
            {
                started.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            });
        }), register: x => x.Configure<MassTransitHostOptions>(options => options.ConsumerStopTimeout = TimeSpan.FromSeconds(1)));
        await bus.SendAsync(queue, new Job(1));
        await started.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await bus.Bus.StopAsync(TimeSpan.FromSeconds(60));

        Assert.Equal("1", (await bus.Queues.AttributesAsync(queue))["ApproximateNumberOfMessages"]);
        await bus.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "PROT-7")]
    public async Task What_a_last_poll_brings_after_the_stop_goes_straight_back()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var runs = 0;
        var queue = Shared.Unique("late");
        var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 3;
                e.Handler<Job>(_ =>
                {
                    Interlocked.Increment(ref runs);
                    return Task.CompletedTask;
                });
            }),
            url: tap.Url);
        await Eventually.IsTrueAsync(() => tap.CountOf("ReceiveMessage") >= 1, "a long poll is under way");

        var stop = bus.Bus.StopAsync(TimeSpan.FromSeconds(60));
        await bus.Queues.SendAsync(queue, new SendEntry { Id = "", MessageBody = "{}" });
        await stop;

        Assert.Equal(0, runs);
        Assert.Equal("1", (await bus.Queues.AttributesAsync(queue))["ApproximateNumberOfMessages"]);
        await bus.DisposeAsync();
    }

    [Fact]
    public async Task A_bus_can_be_started_again_after_a_stop()
    {
        var queue = Shared.Unique("again");
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<Job>(context => context.RespondAsync(new Done(context.Message.Number)));
        }));
        for (var round = 0; round < 2; round++)
        {
            var client = bus.Bus.CreateRequestClient<Job>(new Uri("queue:" + queue), TimeSpan.FromSeconds(30));
            Assert.Equal(round, (await client.GetResponse<Done>(new Job(round))).Message.Number);
            await bus.Bus.StopAsync(TimeSpan.FromSeconds(60));
            await bus.Bus.StartAsync();
        }
    }

    public sealed record Done(int Number);

    private static int InFlight(TestQueues queues, string queue) =>
        int.Parse(queues.AttributesAsync(queue).Result["ApproximateNumberOfMessagesNotVisible"]);
}
