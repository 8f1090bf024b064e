using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orchestrator.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Persistence;

/// <summary>What goes over the wire, by the driver's own log. A begin is no trip of its own: the driver puts it before the next statement.</summary>
public sealed class RoundTripTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly Recorder _recorder = new();
    private ChoreHost _host = null!;

    public async Task InitializeAsync()
    {
        var connectionString = await ChoreDb.CreateDatabaseAsync();
        _host = await ChoreHost.StartAsync(
            connectionString,
            bus: x => x.AddConsumer<TellingConsumer>(),
            services: services => services.AddSingleton(_ => new NpgsqlDataSourceBuilder(connectionString).UseLoggerFactory(_recorder).Build()));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_saga_message_with_one_publish_takes_four_round_trips()
    {
        var id = await RunningAsync();

        await _host.Services.GetRequiredService<IBus>().Publish(new ChoreFinished(id));
        await Soon.IsAsync("Done", async () => (await _host.ReadAsync(id))!.State);

        Assert.Equal(["insert inbox", "lock saga", "update saga, insert outbox", "commit"], await CommittedAsync());
    }

    [Fact]
    public async Task An_event_through_the_door_takes_three()
    {
        var id = await RunningAsync();

        await _host.Door.RaiseAsync(new ChoreFinished(id));

        Assert.Equal(["lock saga", "update saga, insert outbox", "commit"], Trips());
    }

    [Fact]
    public async Task A_message_of_a_consumer_that_saves_and_publishes_takes_three()
    {
        _recorder.Entries.Clear();
        var id = NewId.NextGuid();

        await _host.Services.GetRequiredService<IBus>().Publish(new PleaseTell(id));
        await Soon.IsAsync(1L, () => _host.ScalarAsync<long>($"SELECT count(*) FROM effects WHERE chore_id = '{id}'"));

        Assert.Equal(["insert inbox", "insert outbox, insert effect", "commit"], await CommittedAsync());
    }

    private async Task<Guid> RunningAsync()
    {
        var id = NewId.NextGuid();
        await _host.Door.RaiseAsync(new ChoreRequested(id));
        await _host.Door.RaiseAsync(new ChoreClaimed(id, RunId: 1));
        _recorder.Entries.Clear();
        return id;
    }

    /// <summary>Others see the effect as soon as the server has committed; the driver notes its trip later.</summary>
    private async Task<List<string>> CommittedAsync()
    {
        await Eventually.IsTrueAsync(() => Named().LastOrDefault() == "commit", "the commit is noted");
        return Trips();
    }

    private List<string> Trips()
    {
        foreach (var entry in _recorder.Entries)
            output.WriteLine(entry);
        return Named();
    }

    private List<string> Named() => [.. _recorder.Entries.Select(Name).OfType<string>()];

    /// <summary>Null for what the test itself reads and for the outbox's own work on other connections.</summary>
    private static string? Name(string entry)
    {
        (string Part, string Name)[] parts =
        [
            ("INSERT INTO orchestrator.inbox", "insert inbox"),
            ("FOR UPDATE", "lock saga"),
            ("UPDATE chores", "update saga"),
            ("INSERT INTO orchestrator.outbox ", "insert outbox"),
            ("INSERT INTO effects", "insert effect"),
            ("SAVEPOINT", "savepoint"),
            ("Committed transaction", "commit"),
        ];
        var found = parts.Where(part => entry.Contains(part.Part, StringComparison.Ordinal)).Select(part => part.Name).ToList();
        return found.Count == 0 ? null : string.Join(", ", found);
    }

    private sealed class Recorder : ILoggerFactory, ILogger
    {
        private static readonly HashSet<string?> Trips = ["CommandExecutionCompleted", "BatchExecutionCompleted", "CommittedTransaction"];

        public ConcurrentQueue<string> Entries { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (Trips.Contains(eventId.Name))
                Entries.Enqueue(formatter(state, exception));
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}

public sealed record PleaseTell(Guid ChoreId);

public sealed class TellingConsumer(ChoreDb db) : IConsumer<PleaseTell>
{
    public Task Consume(ConsumeContext<PleaseTell> context)
    {
        db.Effects.Add(new Effect { ChoreId = context.Message.ChoreId });
        return context.Publish(new NobodyListens(context.Message.ChoreId));
    }
}
