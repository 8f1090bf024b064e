using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.AmazonSqs;
using Orchestrator.Tests.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Conformance;

/// <summary>
/// What the service expects of its bus, whichever transport it runs on. Each fact runs on SQS and in memory, so that a service
/// tested in memory behaves the same in the cloud.
/// </summary>
public abstract class TransportConformance
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public sealed record Ask(int Number);

    public sealed record Answer(int Number);

    public sealed record Told(string Text);

    public interface ITold
    {
        string Text { get; }
    }

    /// <summary>Puts the bus on the transport under test.</summary>
    protected abstract Task UseTransportAsync(IBusRegistrationConfigurator x, Action<IBusRegistrationContext, IBusFactoryConfigurator> configure);

    [Fact]
    public async Task A_sent_message_arrives_once_with_its_headers_and_ids()
    {
        var queue = Shared.Unique("send");
        var received = new ConcurrentQueue<ConsumeContext<Ask>>();
        await using var bus = await StartAsync(cfg => cfg.ReceiveEndpoint(queue, e => e.Handler<Ask>(context =>
        {
            received.Enqueue(context);
            return Task.CompletedTask;
        })));
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        var (message, correlation) = (NewId.NextGuid(), NewId.NextGuid());

        await endpoint.Send(new Ask(3), context =>
        {
            (context.MessageId, context.CorrelationId) = (message, correlation);
            context.Headers.Set("tenant", "t1");
            context.Headers.Set("number", 42);
        });
        await endpoint.Send(new Ask(4));

        await Eventually.IsTrueAsync(() => received.Count == 2, "both have arrived");
        var first = received.Single(context => context.Message.Number == 3);
        Assert.Equal(message, first.MessageId);
        Assert.Equal(correlation, first.CorrelationId);
        Assert.Equal("t1", first.Headers.Get<string>("tenant"));
        Assert.Equal(42, first.Headers.Get<int>("number"));
        Assert.False(first.ReceiveContext.Redelivered);
    }

    [Fact]
    public async Task A_published_message_reaches_each_subscribed_queue_once_and_one_of_its_consumers()
    {
        string[] queues = [Shared.Unique("sub"), Shared.Unique("sub")];
        var received = new ConcurrentBag<string>();
        await using var bus = await StartAsync(cfg =>
        {
            foreach (var queue in queues)
                cfg.ReceiveEndpoint(queue, e => e.Handler<Told>(context => Note(received, $"{queue} {context.Message.Text}")));
        });

        await bus.Bus.Publish(new Told("one"));
        await bus.Bus.Publish(new Told("two"));

        await Eventually.IsTrueAsync(() => received.Count == 4, "each queue has both");
        Assert.Equal(queues.SelectMany(queue => new[] { $"{queue} one", $"{queue} two" }).Order(), received.Order());
    }

    [Fact]
    public async Task A_message_published_as_an_interface_reaches_the_consumers_of_the_interface()
    {
        var received = new ConcurrentBag<string>();
        await using var bus = await StartAsync(cfg => cfg.ReceiveEndpoint(Shared.Unique("interface"), e => e.Handler<ITold>(context => Note(received, context.Message.Text))));

        await bus.Bus.Publish<ITold>(new { Text = "hello" });

        await Eventually.IsTrueAsync(() => received.Count == 1, "it has arrived");
        Assert.Equal(["hello"], received);
    }

    [Fact]
    public async Task Many_requests_at_once_each_get_their_own_response()
    {
        var queue = Shared.Unique("request");
        await using var bus = await StartAsync(cfg => cfg.ReceiveEndpoint(queue, e => e.Handler<Ask>(context => context.RespondAsync(new Answer(context.Message.Number * 2)))));
        var client = bus.Bus.CreateRequestClient<Ask>(new Uri("queue:" + queue), Patience);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async number => (await client.GetResponse<Answer>(new Ask(number))).Message.Number));

        Assert.Equal(Enumerable.Range(0, 50).Select(number => number * 2), answers);
    }

    [Fact]
    public async Task A_failing_request_answers_with_the_fault()
    {
        var queue = Shared.Unique("fault");
        await using var bus = await StartAsync(cfg => cfg.ReceiveEndpoint(queue, e => e.Handler<Ask>(_ => throw new InvalidOperationException("no answer"))));

        var fault = await Assert.ThrowsAsync<RequestFaultException>(() =>
            bus.Bus.CreateRequestClient<Ask>(new Uri("queue:" + queue), Patience).GetResponse<Answer>(new Ask(1)));

        Assert.Contains("no answer", fault.Message);
    }

    [Fact]
    public async Task A_retry_runs_the_consumer_again_and_a_last_failure_moves_the_message_to_the_error_queue()
    {
        var queue = Shared.Unique("retry");
        var attempts = 0;
        var moved = new TaskCompletionSource<ConsumeContext<Ask>>();
        await using var bus = await StartAsync(cfg =>
        {
            cfg.ReceiveEndpoint(queue, e =>
            {
                e.UseMessageRetry(retry => retry.Immediate(2));
                e.Handler<Ask>(_ =>
                {
                    Interlocked.Increment(ref attempts);
                    throw new InvalidOperationException("never");
                });
            });
            cfg.ReceiveEndpoint(queue + "_error", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Ask>(context =>
                {
                    moved.TrySetResult(context);
                    return Task.CompletedTask;
                });
            });
        });
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));

        await endpoint.Send(new Ask(1));

        var context = await moved.Task.WaitAsync(Patience);
        Assert.Equal(3, attempts);
        Assert.Equal("fault", context.ReceiveContext.TransportHeaders.Get<string>(MessageHeaders.Reason));
        Assert.Equal("never", context.ReceiveContext.TransportHeaders.Get<string>(MessageHeaders.FaultMessage));
    }

    [Fact]
    public async Task A_message_that_no_consumer_takes_is_moved_to_the_skipped_queue()
    {
        var queue = Shared.Unique("skip");
        var moved = new TaskCompletionSource();
        await using var bus = await StartAsync(cfg =>
        {
            cfg.ReceiveEndpoint(queue, e => e.Handler<Ask>(_ => Task.CompletedTask));
            cfg.ReceiveEndpoint(queue + "_skipped", e =>
            {
                e.ConfigureConsumeTopology = false;
                e.Handler<Told>(_ =>
                {
                    moved.TrySetResult();
                    return Task.CompletedTask;
                });
            });
        });
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));

        await endpoint.Send(new Told("wrong door"));

        await moved.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_delayed_message_arrives_after_its_delay()
    {
        var queue = Shared.Unique("delay");
        var arrived = new TaskCompletionSource();
        await using var bus = await StartAsync(cfg => cfg.ReceiveEndpoint(queue, e => e.Handler<Ask>(_ =>
        {
            arrived.TrySetResult();
            return Task.CompletedTask;
        })));
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        var sent = TimeProvider.System.GetTimestamp();

        await endpoint.Send(new Ask(1), context => context.Delay = TimeSpan.FromSeconds(1.5));

        await arrived.Task.WaitAsync(Patience);
        Assert.True(TimeProvider.System.GetElapsedTime(sent) >= TimeSpan.FromSeconds(1.4));
    }

    [Fact]
    public async Task A_redelivery_delays_the_message_and_counts()
    {
        var queue = Shared.Unique("redelivery");
        var counts = new ConcurrentQueue<int>();
        await using var bus = await StartAsync(cfg => cfg.ReceiveEndpoint(queue, e =>
        {
            e.UseDelayedRedelivery(retry => retry.Intervals(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500)));
            e.Handler<Ask>(context =>
            {
                counts.Enqueue(context.GetRedeliveryCount());
                return counts.Count < 3 ? throw new InvalidOperationException("later") : Task.CompletedTask;
            });
        }));
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));

        await endpoint.Send(new Ask(1));

        await Eventually.IsTrueAsync(() => counts.Count == 3, "it was redelivered twice");
        Assert.Equal([0, 1, 2], counts);
    }

    [Fact]
    [Trait("Requirement", "PROT-3")]
    public async Task Permits_bound_the_work_of_several_endpoints_together_and_are_returned_whatever_happens()
    {
        using var pool = new PermitPool(3);
        string[] queues = [Shared.Unique("permit"), Shared.Unique("permit")];
        var (running, peak, ended) = (0, 0, 0);
        var gate = new Lock();
        await using var bus = await StartAsync(cfg =>
        {
            foreach (var queue in queues)
            {
                cfg.ReceiveEndpoint(queue, e =>
                {
                    e.PrefetchCount = 16;
                    e.ConfigureReceive(r => r.UseVisibilityExtension()); // lets everything pass where there are no leases
                    if (queue == queues[0])
                        e.ConfigureReceive(r => r.UsePermits(pool));
                    else
                        e.UsePermits(pool); // nearer to the consumer, where its exceptions pass through
                    e.Handler<Ask>(async context =>
                    {
                        lock (gate)
                            peak = Math.Max(peak, ++running);
                        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
                        lock (gate)
                        {
                            running--;
                            ended++;
                        }
                        if (context.Message.Number % 5 == 0)
                            throw new InvalidOperationException("a fifth fails");
                    });
                });
            }
        });

        foreach (var queue in queues)
        {
            var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
            await Task.WhenAll(Enumerable.Range(0, 20).Select(number => endpoint.Send(new Ask(number))));
        }

        await Eventually.IsTrueAsync(() => ended == 40 && pool.Held == 0, "all have ended and every permit is back");
        Assert.Equal(3, peak);
        Assert.Equal(3, pool.Peak);
    }

    [Fact]
    [Trait("Requirement", "PROT-7")]
    public async Task A_stop_lets_the_running_consumer_end()
    {
        var queue = Shared.Unique("stop");
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var ended = false;
        await using var bus = await StartAsync(cfg => cfg.ReceiveEndpoint(queue, e => e.Handler<Ask>(async _ =>
        {
            started.TrySetResult();
            await release.Task;
            ended = true;
        })));
        var endpoint = await bus.Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await endpoint.Send(new Ask(1));
        await started.Task.WaitAsync(Patience);

        var stop = bus.Bus.StopAsync(Patience);
        Assert.False(ended);
        release.SetResult();
        await stop;

        Assert.True(ended);
    }

    private static Task Note(ConcurrentBag<string> bag, string text)
    {
        bag.Add(text);
        return Task.CompletedTask;
    }

    private async Task<RunningBus> StartAsync(Action<IBusFactoryConfigurator> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new TestLog()).SetMinimumLevel(LogLevel.Critical));
        Task? registered = null;
        services.AddMassTransit(x =>
        {
            x.AddDelayedMessageScheduler();
            registered = UseTransportAsync(x, (_, cfg) =>
            {
                cfg.UseDelayedMessageScheduler();
                configure(cfg);
            });
        });
        await registered!;
        var running = new RunningBus(services.BuildServiceProvider());
        await running.Bus.StartAsync();
        return running;
    }

    private sealed class RunningBus(ServiceProvider services) : IAsyncDisposable
    {
        public IBusControl Bus { get; } = services.GetRequiredService<IBusControl>();

        public async ValueTask DisposeAsync()
        {
            await Bus.StopAsync(TimeSpan.FromSeconds(60));
            await services.DisposeAsync();
        }
    }
}

/// <summary>In memory, as one node without AWS runs.</summary>
public sealed class InMemoryConformanceTests : TransportConformance
{
    protected override Task UseTransportAsync(IBusRegistrationConfigurator x, Action<IBusRegistrationContext, IBusFactoryConfigurator> configure)
    {
        x.UsingInMemory((context, cfg) => configure(context, cfg));
        return Task.CompletedTask;
    }
}

/// <summary>On SQS and SNS, as several nodes run.</summary>
public sealed class AmazonSqsConformanceTests : TransportConformance
{
    protected override async Task UseTransportAsync(IBusRegistrationConfigurator x, Action<IBusRegistrationContext, IBusFactoryConfigurator> configure)
    {
        Uri? url = null;
        x.UsingAmazonSqs((context, cfg) =>
        {
            cfg.Host("us-east-1", h =>
            {
                h.AccessKey("test");
                h.SecretKey("test");
                h.ServiceUrl(url!);
            });
            cfg.ConnectEndpointConfigurationObserver(new ShortWaits());
            configure(context, cfg);
        });
        url = (await Shared.Environment).ServiceUrl;
    }

    /// <summary>A stop waits for the poll under way; a test has no twenty seconds for that.</summary>
    private sealed class ShortWaits : IEndpointConfigurationObserver
    {
        public void EndpointConfigured<T>(T configurator)
            where T : IReceiveEndpointConfigurator
        {
            if (configurator is IAmazonSqsReceiveEndpointConfigurator endpoint)
                endpoint.WaitTimeSeconds = 1;
        }
    }
}
