using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class DelayTests
{
    public sealed record Later(int Number);

    [Fact]
    public async Task A_delayed_message_arrives_when_its_delay_is_over()
    {
        var (bus, arrived) = await StartAsync(null);
        await using var _ = bus.Bus;
        var sent = TimeProvider.System.GetTimestamp();

        await bus.Bus.SendAsync(bus.Queue, new Later(1), context => context.Delay = TimeSpan.FromSeconds(2));

        await arrived.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(TimeProvider.System.GetElapsedTime(sent) >= TimeSpan.FromSeconds(1.9));
    }

    [Fact]
    public async Task A_publish_can_be_delayed_although_SNS_knows_no_delay()
    {
        var (bus, arrived) = await StartAsync(null);
        await using var _ = bus.Bus;
        var sent = TimeProvider.System.GetTimestamp();

        await bus.Bus.Bus.Publish(new Later(1), context => context.Delay = TimeSpan.FromSeconds(2));

        await arrived.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(TimeProvider.System.GetElapsedTime(sent) >= TimeSpan.FromSeconds(1.4));
    }

    [Fact]
    public async Task A_message_can_be_scheduled_through_the_delayed_scheduler()
    {
        var queue = Shared.Unique("schedule");
        var arrived = new TaskCompletionSource();
        await using var bus = await TestBus.StartAsync(
            (_, cfg) =>
            {
                cfg.UseDelayedMessageScheduler();
                cfg.ReceiveEndpoint(queue, e =>
                {
                    e.WaitTimeSeconds = 1;
                    e.Handler<Later>(async context =>
                    {
                        if (context.Message.Number == 0)
                            await context.ScheduleSend(TimeSpan.FromSeconds(1), new Later(1));
                        else
                            arrived.TrySetResult();
                    });
                });
            },
            register: x => x.AddDelayedMessageScheduler());

        await bus.SendAsync(queue, new Later(0));

        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_delay_longer_than_SQS_knows_goes_in_hops_that_no_consumer_sees()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var (bus, arrived) = await StartAsync(tap.Url);
        await using var _ = bus.Bus;

        await bus.Bus.SendAsync(bus.Queue, new Later(1), context => context.Delay = TimeSpan.FromMinutes(40));
        var hop = System.Text.Json.Nodes.JsonNode.Parse(tap.Requests.Last(request => request.Action == "SendMessageBatch").Body)!["Entries"]![0]!;
        Assert.Equal(900, hop["DelaySeconds"]!.GetValue<int>());
        var due = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(hop["MessageAttributes"]![DueTime.Attribute]!["StringValue"]!.GetValue<string>()));
        Assert.InRange((due - TimeProvider.System.GetUtcNow()).TotalMinutes, 39, 40);

        // The end of the first hop, with little left of the delay: sent on once more, and only then delivered.
        var soon = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(10);
        await bus.Bus.Queues.SendAsync(bus.Queue, new SendEntry
        {
            Id = "",
            MessageBody = hop["MessageBody"]!.GetValue<string>(),
            MessageAttributes = new()
            {
                ["Content-Type"] = AttributeBudget.Text("application/vnd.masstransit+json"),
                [DueTime.Attribute] = AttributeBudget.Text(DueTime.Write(soon)),
            },
        });
        await arrived.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(TimeProvider.System.GetUtcNow() >= soon - TimeSpan.FromMilliseconds(600));
        Assert.Equal(3, tap.CountOf("SendMessageBatch")); // the send, the hop put in by hand, and its going on
    }

    private static async Task<((TestBus Bus, string Queue) Bus, Task Arrived)> StartAsync(Uri? url)
    {
        var queue = Shared.Unique("delay");
        var topic = Shared.Unique("later");
        var arrived = new TaskCompletionSource();
        var bus = await TestBus.StartAsync(
            (_, cfg) =>
            {
                cfg.Message<Later>(m => m.SetEntityName(topic));
                cfg.ReceiveEndpoint(queue, e =>
                {
                    e.WaitTimeSeconds = 1;
                    e.Handler<Later>(_ =>
                    {
                        arrived.TrySetResult();
                        return Task.CompletedTask;
                    });
                });
            },
            url: url);
        return ((bus, queue), arrived.Task);
    }
}
