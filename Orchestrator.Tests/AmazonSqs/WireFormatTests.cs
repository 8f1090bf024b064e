using System.Text.Json.Nodes;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

/// <summary>What services on MassTransit's own SQS package write and expect.</summary>
public class WireFormatTests
{
    public sealed record Order(string Name);

    [Fact]
    public async Task A_message_is_an_envelope_with_its_content_type_and_correlation_as_attributes()
    {
        var queue = Shared.Unique("wire");
        await using var bus = await TestBus.StartAsync((_, _) => { });

        await bus.SendAsync(queue, new Order("a\"b €"), context =>
        {
            context.CorrelationId = new Guid("33333333-3333-3333-3333-333333333333");
            context.Headers.Set("tenant", "t1");
        });

        var message = Assert.Single(await bus.Queues.ReceiveAsync(queue));
        Assert.Equal("String", message.MessageAttributes!["Content-Type"].DataType);
        Assert.Equal("application/vnd.masstransit+json", message.MessageAttributes["Content-Type"].StringValue);
        Assert.Equal("33333333-3333-3333-3333-333333333333", message.MessageAttributes["CorrelationId"].StringValue);
        Assert.Equal("t1", message.MessageAttributes["tenant"].StringValue);
        var envelope = JsonNode.Parse(message.Body)!;
        Assert.Equal("a\"b €", envelope["message"]!["name"]!.GetValue<string>());
        Assert.Equal("urn:message:Orchestrator.Tests.AmazonSqs:WireFormatTests+Order", envelope["messageType"]![0]!.GetValue<string>());
        Assert.StartsWith("amazonsqs://us-east-1/", envelope["sourceAddress"]!.GetValue<string>());
        Assert.NotNull(envelope["sentTime"]);
        Assert.NotNull(envelope["host"]);
    }

    [Fact]
    public async Task An_envelope_written_by_others_is_read_with_its_transport_times()
    {
        var queue = Shared.Unique("foreign");
        var received = new TaskCompletionSource<ConsumeContext<Order>>();
        await using var bus = await StartAsync(queue, received);
        var envelope = new JsonObject
        {
            ["messageId"] = "44444444-4444-4444-4444-444444444444",
            ["messageType"] = new JsonArray("urn:message:Orchestrator.Tests.AmazonSqs:WireFormatTests+Order"),
            ["message"] = new JsonObject { ["name"] = "theirs" },
            ["headers"] = new JsonObject { ["tenant"] = "t2" },
        };

        await bus.Queues.SendAsync(queue, new SendEntry
        {
            Id = "",
            MessageBody = envelope.ToJsonString(),
            MessageAttributes = new() { ["Content-Type"] = AttributeBudget.Text("application/vnd.masstransit+json") },
        });

        var context = await received.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("theirs", context.Message.Name);
        Assert.Equal("t2", context.Headers.Get<string>("tenant"));
        Assert.Equal(new Guid("44444444-4444-4444-4444-444444444444"), context.MessageId);
        var sent = context.ReceiveContext.TransportHeaders.Get<DateTime>(MessageHeaders.TransportSentTime)!.Value;
        Assert.InRange(TimeProvider.System.GetUtcNow().UtcDateTime - sent, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_message_in_an_envelope_of_SNS_is_unwrapped()
    {
        var queue = Shared.Unique("wrapped");
        var received = new TaskCompletionSource<ConsumeContext<Order>>();
        await using var bus = await StartAsync(queue, received);
        var inner = new JsonObject
        {
            ["messageType"] = new JsonArray("urn:message:Orchestrator.Tests.AmazonSqs:WireFormatTests+Order"),
            ["message"] = new JsonObject { ["name"] = "wrapped" },
        };
        var outer = new JsonObject
        {
            ["Type"] = "Notification",
            ["TopicArn"] = "arn:aws:sns:eu-west-1:1:t",
            ["Message"] = inner.ToJsonString(),
            ["MessageAttributes"] = new JsonObject { ["Content-Type"] = new JsonObject { ["Type"] = "String", ["Value"] = "application/vnd.masstransit+json" } },
        };

        await bus.Queues.SendAsync(queue, new SendEntry { Id = "", MessageBody = outer.ToJsonString() });

        Assert.Equal("wrapped", (await received.Task.WaitAsync(TimeSpan.FromSeconds(30))).Message.Name);
    }

    [Fact]
    public async Task Foreign_JSON_without_an_envelope_reaches_an_endpoint_that_reads_raw_JSON()
    {
        var queue = Shared.Unique("raw");
        var received = new TaskCompletionSource<ConsumeContext<Order>>();
        await using var bus = await StartAsync(queue, received, e => e.UseRawJsonDeserializer(isDefault: true));

        await bus.Queues.SendAsync(queue, new SendEntry { Id = "", MessageBody = """{"name":"raw"}""" });

        Assert.Equal("raw", (await received.Task.WaitAsync(TimeSpan.FromSeconds(30))).Message.Name);
    }

    [Fact]
    public async Task A_request_to_a_failing_consumer_gets_the_fault()
    {
        var queue = Shared.Unique("fault");
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<Order>(_ => throw new InvalidOperationException("out of stock"));
        }));

        var client = bus.Bus.CreateRequestClient<Order>(new Uri("queue:" + queue), TimeSpan.FromSeconds(30));
        var fault = await Assert.ThrowsAsync<RequestFaultException>(() => client.GetResponse<Order>(new Order("x")));

        Assert.Contains("out of stock", fault.Message);
    }

    private static Task<TestBus> StartAsync(string queue, TaskCompletionSource<ConsumeContext<Order>> received, Action<IAmazonSqsReceiveEndpointConfigurator>? configure = null) =>
        TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            configure?.Invoke(e);
            Receive(e, received);
        }));

    private static void Receive(IAmazonSqsReceiveEndpointConfigurator endpoint, TaskCompletionSource<ConsumeContext<Order>> received)
    {
        endpoint.WaitTimeSeconds = 1;
        endpoint.Handler<Order>(context =>
        {
            received.TrySetResult(context);
            return Task.CompletedTask;
        });
    }
}
