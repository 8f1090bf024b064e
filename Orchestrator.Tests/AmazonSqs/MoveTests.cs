using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class MoveTests
{
    public sealed record Bad(int Number);

    public sealed record Other(string Text);

    [Fact]
    public async Task A_failed_message_is_moved_to_the_error_queue_as_it_came_with_the_reason_and_without_the_stack_trace()
    {
        var queue = Shared.Unique("error");
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.QueueTags["team"] = "blue";
            e.DeadLetter(5);
            e.Handler<Bad>(_ => throw new InvalidOperationException("this is bad"));
        }), host: h => h.AllowTransportHeader(name => name != "X-Secret"));

        await bus.SendAsync(queue, new Bad(1), context =>
        {
            context.CorrelationId = new Guid("22222222-2222-2222-2222-222222222222");
            context.Headers.Set("X-Kept", "yes");
            context.Headers.Set("X-Secret", "hidden");
            context.ResponseAddress = new Uri("amazonsqs://us-east-1/responses");
        });

        await Eventually.IsTrueAsync(() => bus.Queues.ExistsAsync(queue + "_error").Result && bus.Queues.CountAsync(queue + "_error").Result == 1, "it is in the error queue");
        var moved = Assert.Single(await bus.Queues.ReceiveAsync(queue + "_error"));
        var attributes = moved.MessageAttributes!;
        Assert.Equal("application/vnd.masstransit+json", attributes["Content-Type"].StringValue);
        Assert.Equal("22222222-2222-2222-2222-222222222222", attributes["CorrelationId"].StringValue);
        Assert.Equal("fault", attributes[MessageHeaders.Reason].StringValue);
        Assert.Equal("this is bad", attributes[MessageHeaders.FaultMessage].StringValue);
        Assert.EndsWith(queue, attributes[MessageHeaders.FaultInputAddress].StringValue);
        Assert.Equal("yes", attributes["X-Kept"].StringValue);
        Assert.DoesNotContain("X-Secret", attributes.Keys);
        Assert.DoesNotContain(MessageHeaders.FaultStackTrace, attributes.Keys);
        Assert.DoesNotContain(MessageHeaders.FaultExceptionType, attributes.Keys);
        Assert.DoesNotContain(attributes.Keys, name => name.StartsWith("MT-Host", StringComparison.Ordinal));
        var envelope = System.Text.Json.Nodes.JsonNode.Parse(moved.Body)!;
        Assert.Equal(1, envelope["message"]!["number"]!.GetValue<int>());
        Assert.Equal("hidden", envelope["headers"]!["X-Secret"]!.GetValue<string>());
        Assert.Equal("amazonsqs://us-east-1/responses", envelope["responseAddress"]!.GetValue<string>());
        Assert.Equal($"amazonsqs://us-east-1/{queue}", envelope["destinationAddress"]!.GetValue<string>());
        Assert.Equal("urn:message:Orchestrator.Tests.AmazonSqs:MoveTests+Bad", envelope["messageType"]![0]!.GetValue<string>());
        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue).Result == 0, "it is nowhere else"); // deleted only when the copy is there
        Assert.Equal(0, await bus.Queues.CountAsync(queue + "_dlq"));
        Assert.DoesNotContain("RedrivePolicy", (await bus.Queues.AttributesAsync(queue + "_error")).Keys);
        Assert.Equal("blue", (await bus.Queues.Client.ListQueueTags(await bus.Queues.UrlAsync(queue + "_error"), CancellationToken.None))["team"]);
    }

    [Fact]
    public async Task A_message_that_no_consumer_takes_is_moved_to_the_skipped_queue()
    {
        var queue = Shared.Unique("skipped");
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<Bad>(_ => Task.CompletedTask);
        }));

        await bus.SendAsync(queue, new Other("nobody wants me"));

        await Eventually.IsTrueAsync(() => bus.Queues.ExistsAsync(queue + "_skipped").Result && bus.Queues.CountAsync(queue + "_skipped").Result == 1, "it is in the skipped queue");
        var moved = Assert.Single(await bus.Queues.ReceiveAsync(queue + "_skipped"));
        Assert.Equal("dead-letter", moved.MessageAttributes![MessageHeaders.Reason].StringValue);
        Assert.False(await bus.Queues.ExistsAsync(queue + "_error"));
    }

    [Fact]
    public async Task A_message_with_more_headers_than_SQS_has_attributes_is_delivered_with_all_and_can_be_moved()
    {
        var queue = Shared.Unique("headers");
        var seen = new TaskCompletionSource<int>();
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<Bad>(context =>
            {
                seen.TrySetResult(context.Headers.GetAll().Count(header => header.Key.StartsWith("X-", StringComparison.Ordinal)));
                throw new InvalidOperationException("boom\u0001 with a character that SQS refuses");
            });
        }));

        await bus.SendAsync(queue, new Bad(1), context =>
        {
            for (var i = 0; i < 25; i++)
                context.Headers.Set($"X-{i}", $"value {i}");
        });

        Assert.Equal(25, await seen.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        await Eventually.IsTrueAsync(() => bus.Queues.ExistsAsync(queue + "_error").Result && bus.Queues.CountAsync(queue + "_error").Result == 1, "it is in the error queue");
        var moved = Assert.Single(await bus.Queues.ReceiveAsync(queue + "_error"));
        Assert.Equal(10, moved.MessageAttributes!.Count);
        Assert.Equal("fault", moved.MessageAttributes[MessageHeaders.Reason].StringValue);
        Assert.StartsWith("boom", moved.MessageAttributes[MessageHeaders.FaultMessage].StringValue);
    }

    [Fact]
    public async Task An_error_queue_that_was_deleted_meanwhile_is_made_again()
    {
        var queue = Shared.Unique("remade");
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<Bad>(_ => throw new InvalidOperationException("bad"));
        }));
        await bus.SendAsync(queue, new Bad(1));
        await Eventually.IsTrueAsync(() => bus.Queues.ExistsAsync(queue + "_error").Result && bus.Queues.CountAsync(queue + "_error").Result == 1, "the first is there");
        await bus.Queues.Client.DeleteQueue(await bus.Queues.UrlAsync(queue + "_error"), CancellationToken.None);

        await bus.SendAsync(queue, new Bad(2));

        await Eventually.IsTrueAsync(() => bus.Queues.ExistsAsync(queue + "_error").Result && bus.Queues.CountAsync(queue + "_error").Result == 1, "the second is there");
    }

    [Fact]
    public async Task What_kills_its_handler_each_time_ends_in_the_dead_letter_queue()
    {
        var queue = Shared.Unique("poison");
        var receives = 0;
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.MaxRedeliveryDelay = TimeSpan.FromSeconds(1);
            e.RethrowFaultedMessages();
            e.DeadLetter(2);
            e.Handler<Bad>(_ =>
            {
                Interlocked.Increment(ref receives);
                throw new InvalidOperationException("dies");
            });
        }));

        await bus.SendAsync(queue, new Bad(1));

        await Eventually.IsTrueAsync(() => bus.Queues.CountAsync(queue + "_dlq").Result == 1, "it is dead-lettered");
        Assert.Equal(2, receives);
    }
}
