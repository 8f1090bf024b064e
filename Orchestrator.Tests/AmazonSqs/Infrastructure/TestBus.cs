using Amazon.Runtime;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

/// <summary>A running bus on the emulator, and a client of its own to look at the queues from outside.</summary>
public sealed class TestBus : IAsyncDisposable
{
    private const string Region = "us-east-1";
    private readonly ServiceProvider _services;

    private TestBus(ServiceProvider services, Uri url)
    {
        _services = services;
        Queues = new TestQueues(url);
    }

    public IServiceProvider Services => _services;
    public IBusControl Bus
    {
        get
        {
            // MassTransit keeps the log of the first bus in the flow of a test, also after that bus is disposed.
            LogContext.ConfigureCurrentLogContext(_services.GetRequiredService<ILoggerFactory>());
            return _services.GetRequiredService<IBusControl>();
        }
    }

    public RequestCounter Requests => _services.GetRequiredService<RequestCounter>();
    public TestQueues Queues { get; }

    public static async Task<TestBus> StartAsync(
        Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator> configure,
        Action<IBusRegistrationConfigurator>? register = null,
        Uri? url = null,
        Action<IAmazonSqsHostConfigurator>? host = null)
    {
        var bus = await CreateAsync(configure, register, url, host);
        await bus.Bus.StartAsync();
        return bus;
    }

    /// <summary>A bus that is not started yet.</summary>
    public static async Task<TestBus> CreateAsync(
        Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator> configure,
        Action<IBusRegistrationConfigurator>? register = null,
        Uri? url = null,
        Action<IAmazonSqsHostConfigurator>? host = null)
    {
        var address = url ?? (await Shared.Environment).ServiceUrl;
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new TestLog()).SetMinimumLevel(LogLevel.Warning));
        services.AddMassTransit(x =>
        {
            register?.Invoke(x);
            x.UsingAmazonSqs((context, cfg) =>
            {
                cfg.Host(Region, h =>
                {
                    h.AccessKey("test");
                    h.SecretKey("test");
                    h.ServiceUrl(address);
                    host?.Invoke(h);
                });
                configure(context, cfg);
            });
        });
        return new TestBus(services.BuildServiceProvider(), address);
    }

    public async Task SendAsync<T>(string queue, T message, Action<SendContext<T>>? configure = null)
        where T : class
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await endpoint.Send(message, context => configure?.Invoke(context));
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.StopAsync(TimeSpan.FromSeconds(60));
        await _services.DisposeAsync();
        Queues.Dispose();
    }
}

/// <summary>Looks at queues and puts messages into them, past the bus.</summary>
public sealed class TestQueues(Uri url) : IDisposable
{
    private readonly SqsClient _sqs = new(new BasicAWSCredentials("test", "test"), new ServiceConfig("sqs", "us-east-1", url), new RequestCounter());

    internal SqsClient Client => _sqs;

    public async Task<string> UrlAsync(string queue) => (await _sqs.GetQueueUrl(queue, CancellationToken.None)).QueueUrl;

    public async Task<string> CreateAsync(string queue, params (string Name, string Value)[] attributes) =>
        (await _sqs.CreateQueue(new CreateQueueRequest { QueueName = queue, Attributes = attributes.ToDictionary(a => a.Name, a => a.Value) }, CancellationToken.None)).QueueUrl;

    public async Task<IReadOnlyDictionary<string, string>> AttributesAsync(string queue) =>
        (await _sqs.GetQueueAttributes(await UrlAsync(queue), CancellationToken.None)).Attributes!;

    /// <summary>Visible, in flight and delayed messages together.</summary>
    public async Task<int> CountAsync(string queue)
    {
        var attributes = await AttributesAsync(queue);
        return int.Parse(attributes["ApproximateNumberOfMessages"]) + int.Parse(attributes["ApproximateNumberOfMessagesNotVisible"])
            + int.Parse(attributes.GetValueOrDefault("ApproximateNumberOfMessagesDelayed") ?? "0");
    }

    public async Task<bool> ExistsAsync(string queue)
    {
        try
        {
            await UrlAsync(queue);
            return true;
        }
        catch (AmazonServiceException)
        {
            return false;
        }
    }

    internal async Task SendAsync(string queue, params SendEntry[] entries)
    {
        var address = await UrlAsync(queue);
        foreach (var batch in entries.Chunk(10))
        {
            for (var i = 0; i < batch.Length; i++)
                batch[i].Id = i.ToString();
            var response = await _sqs.SendMessageBatch(address, batch, CancellationToken.None);
            Assert.Empty(response.Failed ?? []);
        }
    }

    internal async Task<IReadOnlyList<SqsMessage>> ReceiveAsync(string queue, int most = 10, int waitSeconds = 10, int visibility = 60) =>
        await _sqs.ReceiveMessage(
            new ReceiveMessageRequest { QueueUrl = await UrlAsync(queue), MaxNumberOfMessages = most, WaitTimeSeconds = waitSeconds, VisibilityTimeout = visibility },
            CancellationToken.None);

    public void Dispose() => _sqs.Dispose();
}

/// <summary>Writes warnings and errors to the test's console, where a failed run shows them.</summary>
internal sealed class TestLog : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Console.WriteLine($"{logLevel} {category}: {formatter(state, exception)} {exception?.Message}");
        }
    }
}
