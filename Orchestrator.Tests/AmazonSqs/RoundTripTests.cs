using System.Collections.Concurrent;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class RoundTripTests
{
    public sealed record Ping(int Number);

    public sealed record Pong(int Number);

    public sealed record Announced(string Text);

    [Fact]
    public async Task A_message_sent_to_a_queue_reaches_its_consumer_and_is_deleted()
    {
        var queue = Shared.Unique("send");
        var received = new TaskCompletionSource<ConsumeContext<Ping>>();
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<Ping>(context =>
            {
                received.TrySetResult(context);
                return Task.CompletedTask;
            });
        }));

        await bus.SendAsync(queue, new Ping(7), context => context.CorrelationId = new Guid("11111111-1111-1111-1111-111111111111"));

        var context = await received.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(7, context.Message.Number);
        Assert.Equal(new Guid("11111111-1111-1111-1111-111111111111"), context.CorrelationId);
        Assert.Equal("us-east-1", context.ReceiveContext.InputAddress.Host);
        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "the message is deleted");
    }

    [Fact]
    public async Task A_published_message_reaches_every_subscriber()
    {
        var received = new ConcurrentBag<string>();
        string[] queues = [Shared.Unique("sub"), Shared.Unique("sub")];
        await using var bus = await TestBus.StartAsync((_, cfg) =>
        {
            foreach (var queue in queues)
            {
                cfg.ReceiveEndpoint(queue, e =>
                {
                    e.WaitTimeSeconds = 1;
                    e.Handler<Announced>(context =>
                    {
                        received.Add(queue);
                        return Task.CompletedTask;
                    });
                });
            }
        });

        await bus.Bus.Publish(new Announced("hello"));

        await Eventually.IsTrueAsync(() => received.Count == 2, "both subscribers have it");
        Assert.Equal(queues.Order(), received.Order());
    }

    [Fact]
    public async Task A_request_gets_its_response_and_the_response_queue_is_removed_at_the_stop()
    {
        var queue = Shared.Unique("request");
        string responses;
        TestQueues queues;
        await using (var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<Ping>(context => context.RespondAsync(new Pong(context.Message.Number + 1)));
        })))
        {
            var client = bus.Bus.CreateRequestClient<Ping>(new Uri("queue:" + queue), TimeSpan.FromSeconds(30));
            var response = await client.GetResponse<Pong>(new Ping(41));
            Assert.Equal(42, response.Message.Number);
            responses = bus.Bus.Address.AbsolutePath.Trim('/');
            queues = bus.Queues;
            Assert.True(await queues.ExistsAsync(responses));
        }
        using var after = new TestQueues((await Shared.Environment).ServiceUrl);
        Assert.False(await after.ExistsAsync(responses));
    }
}
