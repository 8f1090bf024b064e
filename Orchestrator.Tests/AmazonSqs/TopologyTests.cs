using System.Collections.Concurrent;
using Amazon.Runtime;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class TopologyTests
{
    public sealed record News(string Text);

    public sealed record More(string Text);

    [Fact]
    public async Task A_queue_is_made_with_its_attributes_tags_and_dead_letter_queue_and_no_topics_are_listed()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var queue = Shared.Unique("made");
        await using var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.QueueAttributes["MessageRetentionPeriod"] = 3600;
                e.QueueTags["team"] = "blue";
                e.DeadLetter(4);
                e.Handler<News>(_ => Task.CompletedTask);
            }),
            url: tap.Url);

        var attributes = await bus.Queues.AttributesAsync(queue);
        Assert.Equal("3600", attributes["MessageRetentionPeriod"]);
        Assert.Contains($"{queue}_dlq", attributes["RedrivePolicy"]);
        Assert.Contains("4", attributes["RedrivePolicy"]);
        Assert.Contains("sns.amazonaws.com", attributes["Policy"]);
        Assert.Contains(":*", attributes["Policy"]);
        Assert.Equal("blue", (await bus.Queues.Client.ListQueueTags(await bus.Queues.UrlAsync(queue), CancellationToken.None))["team"]);
        Assert.Equal(0, tap.CountOf("ListTopics"));
        Assert.Equal(0, tap.CountOf("ListQueues"));
        Assert.Equal(1, tap.CountOf("CreateTopic"));
        Assert.Equal(1, tap.CountOf("Subscribe"));
    }

    [Fact]
    public async Task A_second_start_finds_everything_and_changes_nothing()
    {
        var queue = Shared.Unique("warm");
        void Configure(IBusRegistrationContext context, IAmazonSqsBusFactoryConfigurator cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.DeadLetter(4);
            e.Handler<News>(_ => Task.CompletedTask);
        });
        await (await TestBus.StartAsync(Configure)).DisposeAsync();

        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        await using var bus = await TestBus.StartAsync(Configure, url: tap.Url);

        Assert.Equal(0, tap.CountOf("CreateQueue"));
        Assert.Equal(0, tap.CountOf("SetQueueAttributes"));
    }

    [Fact]
    public async Task In_Validate_what_is_missing_keeps_the_endpoint_from_starting_and_is_named()
    {
        var queue = Shared.Unique("missing");
        await using var bus = await TestBus.CreateAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e => e.Handler<News>(_ => Task.CompletedTask)),
            host: h => h.TopologyMode(TopologyMode.Validate));

        var starting = bus.Bus.StartAsync(new CancellationTokenSource(TimeSpan.FromSeconds(4), TimeProvider.System).Token);
        await Eventually.IsTrueAsync(() => bus.Bus.CheckHealth() is { Status: BusHealthStatus.Unhealthy } health
            && health.Endpoints.Values.Any(endpoint => endpoint.Exception?.Message.Contains(queue, StringComparison.Ordinal) == true
                || endpoint.Description?.Contains(queue, StringComparison.Ordinal) == true), "the health names the queue");
        Assert.False(await bus.Queues.ExistsAsync(queue));

        await bus.Queues.CreateAsync(queue, ("Policy", """{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}"""));
        await Assert.ThrowsAnyAsync<Exception>(() => starting); // the topic is missing still
    }

    [Fact]
    public async Task In_Assume_a_start_costs_one_request_for_a_queue_and_sends_go_on()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var queue = Shared.Unique("assume");
        using (var queues = new TestQueues((await Shared.Environment).ServiceUrl))
            await queues.CreateAsync(queue);
        var received = new TaskCompletionSource();
        await using var bus = await TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(queue, e =>
            {
                e.WaitTimeSeconds = 1;
                e.DeadLetter(4);
                e.Handler<News>(_ =>
                {
                    received.TrySetResult();
                    return Task.CompletedTask;
                });
            }),
            url: tap.Url,
            host: h => h.TopologyMode(TopologyMode.Assume));

        await bus.SendAsync(queue, new News("x"));
        await received.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(["DeleteMessageBatch", "GetQueueUrl", "ReceiveMessage", "SendMessageBatch"],
            tap.Counts.Keys.Union(["DeleteMessageBatch"]).Order());
        Assert.Equal(1, tap.CountOf("GetQueueUrl"));
    }

    [Fact]
    public async Task A_filter_policy_splits_a_topic_between_two_queues()
    {
        string[] queues = [Shared.Unique("filter-a"), Shared.Unique("filter-b")];
        var received = new ConcurrentBag<(string Queue, string Text)>();
        await using var bus = await TestBus.StartAsync((_, cfg) =>
        {
            foreach (var queue in queues)
            {
                cfg.ReceiveEndpoint(queue, e =>
                {
                    e.WaitTimeSeconds = 1;
                    e.QueueSubscriptionAttributes["FilterPolicy"] = $$"""{"side":["{{queue[7]}}"]}""";
                    e.Handler<More>(context =>
                    {
                        received.Add((queue, context.Message.Text));
                        return Task.CompletedTask;
                    });
                });
            }
        });

        await bus.Bus.Publish(new More("left"), context => context.Headers.Set("side", "a"));
        await bus.Bus.Publish(new More("right"), context => context.Headers.Set("side", "b"));

        await Eventually.IsTrueAsync(() => received.Count == 2, "each went one way");
        Assert.Equal([(queues[0], "left"), (queues[1], "right")], received.Order());
    }

    [Fact]
    public async Task A_send_to_a_topic_reaches_a_queue_that_was_subscribed_by_name()
    {
        var queue = Shared.Unique("named");
        var topic = Shared.Unique("topic");
        var received = new TaskCompletionSource<string>();
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.ConfigureConsumeTopology = false;
            e.Subscribe(topic);
            e.Handler<News>(context =>
            {
                received.TrySetResult(context.Message.Text);
                return Task.CompletedTask;
            });
        }));

        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("topic:" + topic));
        await endpoint.Send(new News("hello"));

        Assert.Equal("hello", await received.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Scoped_buses_do_not_hear_each_other()
    {
        var received = new ConcurrentBag<string>();
        var (one, two) = (Shared.Unique("one"), Shared.Unique("two"));
        await using var first = await ScopedAsync(one);
        await using var second = await ScopedAsync(two);

        await first.Bus.Publish(new News("x"));

        await Eventually.IsTrueAsync(() => received.Count == 1, "the first hears it");
        await first.Bus.Publish(new News("y"));
        await Eventually.IsTrueAsync(() => received.Count == 2, "the first hears the next");
        Assert.All(received, scope => Assert.Equal(one, scope));

        Task<TestBus> ScopedAsync(string scope) => TestBus.StartAsync(
            (_, cfg) => cfg.ReceiveEndpoint(scope + "-queue", e =>
            {
                e.WaitTimeSeconds = 1;
                e.Handler<News>(_ =>
                {
                    received.Add(scope);
                    return Task.CompletedTask;
                });
            }),
            host: h => h.Scope(scope, scopeTopics: true));
    }

    [Fact]
    public async Task A_name_that_AWS_refuses_stops_the_start_with_the_reason()
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => TestBus.StartAsync((_, cfg) =>
            cfg.ReceiveEndpoint(new string('q', 81), e => e.Handler<News>(_ => Task.CompletedTask))));
        Assert.Contains("81 characters", refusal.ToString());
    }

    [Fact]
    public async Task Settings_out_of_range_are_told_all_at_once()
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(Shared.Unique("bad"), e =>
        {
            e.WaitTimeSeconds = 21;
            e.ProtectiveVisibility = TimeSpan.FromSeconds(10);
            e.HeartbeatInterval = TimeSpan.FromSeconds(10);
            e.DeadLetter(0);
            e.Handler<News>(_ => Task.CompletedTask);
        })));
        Assert.Contains("WaitTimeSeconds", refusal.ToString());
        Assert.Contains("HeartbeatInterval", refusal.ToString());
        Assert.Contains("DeadLetter", refusal.ToString());
    }

    [Fact]
    public async Task A_queue_that_vanishes_is_made_again_and_the_health_tells_both()
    {
        var queue = Shared.Unique("vanished");
        var received = new TaskCompletionSource();
        await using var bus = await TestBus.StartAsync((_, cfg) => cfg.ReceiveEndpoint(queue, e =>
        {
            e.WaitTimeSeconds = 1;
            e.Handler<News>(_ =>
            {
                received.TrySetResult();
                return Task.CompletedTask;
            });
        }));
        Assert.Equal(BusHealthStatus.Healthy, bus.Bus.CheckHealth().Status);
        Assert.Contains(bus.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<HealthCheckServiceOptions>>().Value.Registrations, check => check.Tags.Contains("masstransit"));

        await bus.Queues.Client.DeleteQueue(await bus.Queues.UrlAsync(queue), CancellationToken.None);

        await Eventually.IsTrueAsync(() => bus.Queues.ExistsAsync(queue).Result, "it is there again");
        await bus.SendAsync(queue, new News("x"));
        await received.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.IsTrueAsync(() => bus.Bus.CheckHealth().Status == BusHealthStatus.Healthy, "it is healthy again");
    }

    [Fact]
    public async Task A_response_to_a_requester_that_is_gone_does_not_bring_its_queue_back()
    {
        await using var bus = await TestBus.StartAsync((_, _) => { });
        var gone = Shared.Unique("gone");

        var endpoint = await bus.Bus.GetSendEndpoint(new Uri($"queue:{gone}?durable=false&autodelete=true"));
        await endpoint.Send(new News("too late"));

        Assert.False(await bus.Queues.ExistsAsync(gone));
    }

    [Fact]
    public async Task A_temporary_endpoint_can_be_connected_to_a_running_bus_and_leaves_nothing_behind()
    {
        await using var bus = await TestBus.StartAsync((_, _) => { });
        var queue = Shared.Unique("temp");
        var received = new TaskCompletionSource();
        var connector = bus.Services.GetRequiredService<IReceiveEndpointConnector>();
        var handle = connector.ConnectReceiveEndpoint(queue, (_, e) =>
        {
            ((IAmazonSqsReceiveEndpointConfigurator)e).AutoDelete = true;
            e.Handler<More>(_ =>
            {
                received.TrySetResult();
                return Task.CompletedTask;
            });
        });
        await handle.Ready;
        var tags = await bus.Queues.Client.ListQueueTags(await bus.Queues.UrlAsync(queue), CancellationToken.None);
        Assert.Contains(TemporaryQueueTags.Owner, tags.Keys);
        Assert.Contains(TemporaryQueueTags.Lease, tags.Keys);
        Assert.Contains(tags, tag => tag.Key.StartsWith(TemporaryQueueTags.SubscriptionPrefix, StringComparison.Ordinal));

        await bus.Bus.Publish(new More("x"));
        await received.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await handle.StopAsync();

        Assert.False(await bus.Queues.ExistsAsync(queue));
    }
}
