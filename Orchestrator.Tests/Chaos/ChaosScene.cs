using System.Globalization;
using Npgsql;
using Orchestrator.Local;
using Orchestrator.Local.Wire;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Processes;
using Orchestrator.Tests.Crash;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Chaos;

/// <summary>
/// Two nodes, a database behind a line that can be cut, SQS behind a wire on which requests get lost, and a seed that decides what goes wrong next. What the faults hit
/// depends on the moment, so a seed repeats the schedule and not the run.
/// </summary>
internal sealed class ChaosScene : IAsyncDisposable
{
    public const string Plain = "plain", Stored = CrashScene.Lane;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    private readonly LocalEnvironment _environment;
    private readonly TcpProxy _line;
    private readonly WireTap _wire;
    private readonly Random _schedule;
    private readonly Random _onWire;
    private readonly Action<string> _say;
    private readonly Command?[] _nodes = new Command?[2];
    private double _weather = 1;

    private ChaosScene(LocalEnvironment environment, TcpProxy line, WireTap wire, AgentScene agents, int seed, Action<string> say)
    {
        (_environment, _line, _wire, Agents, _schedule, _onWire, _say) = (environment, line, wire, agents, new Random(seed), new Random(seed + 1), say);
        foreach (var action in (string[])["ReceiveMessage", "SendMessage", "SendMessageBatch", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch"])
        {
            Sometimes(action, 0.05, new WireFault.Delay(TimeSpan.FromMilliseconds(300)));
            Sometimes(action, 0.02, new WireFault.Status(503));
            Sometimes(action, 0.02, new WireFault.Status(500));
            Sometimes(action, 0.02, new WireFault.Refuse("RequestThrottled"));
            Sometimes(action, 0.02, new WireFault.Cut());
            Sometimes(action, 0.03, new WireFault.LoseResponse()); // carried out, and reported as failed: whoever repeats it does it twice
            if (action.EndsWith("Batch", StringComparison.Ordinal))
                Sometimes(action, 0.02, new WireFault.FailEntries("InternalError", Positions: [0]));
        }

        Sometimes("ReceiveMessage", 0.05, new WireFault.Duplicate());
    }

    public AgentScene Agents { get; }

    public CrashScene Nodes => Agents.Nodes;

    public static async Task<ChaosScene> SetAsync(int seed, Action<string> say)
    {
        var environment = await LocalEnvironment.StartAsync(new LocalEnvironmentOptions { Durable = false, PersistentEmulator = true });
        var wire = await WireTap.StartAsync(environment.ServiceUrl);
        var line = new TcpProxy(new NpgsqlConnectionStringBuilder(environment.ConnectionString).Port);
        var settings = new Dictionary<string, string?>
        {
            ["Node:Heartbeat"] = "00:00:00.500",
            ["Node:Lease"] = Lease.ToString("c", CultureInfo.InvariantCulture), // stalls are longer than it or shorter; nothing here breaks by a lease that is lost
            ["Sweeps:WakeUpInterval"] = "00:00:02",
            ["Sweeps:WakeUpLostAfter"] = "00:00:20",
            ["Bus:ServiceUrl"] = wire.Url.ToString(),
        };
        foreach (var (lane, limit) in new[] { (Plain, 5), (Stored, 4), (AgentScene.Lane, 4) })
        {
            settings[$"Lanes:{lane}:Permits"] = "3";
            settings[$"Lanes:{lane}:MaxRunning"] = limit.ToString(CultureInfo.InvariantCulture);
            settings[$"Lanes:{lane}:Visibility"] = "00:00:04";
            // So many faults in so short a time are nobody's budget.
            settings[$"Lanes:{lane}:MaxAttempts"] = settings[$"Lanes:{lane}:MaxLosses"] = "100";
            settings[$"Lanes:{lane}:MaxTransient"] = settings[$"Lanes:{lane}:MaxReceiveCount"] = "1000";
            settings[$"Lanes:{lane}:Backoff"] = settings[$"Lanes:{lane}:TransientBackoff"] = "00:00:00.200";
            settings[$"Lanes:{lane}:MaxBackoff"] = settings[$"Lanes:{lane}:MaxTransientBackoff"] = "00:00:01";
            settings[$"Lanes:{lane}:Breaker:Pause"] = settings[$"Lanes:{lane}:Breaker:MaxPause"] = "00:00:01";
        }

        var scene = new ChaosScene(environment, line, wire, await AgentScene.SetAsync(settings, environment, line.Port), seed, say);
        for (var i = 0; i < scene._nodes.Length; i++)
            await scene.StartAsync(i);
        return scene;
    }

    /// <summary>Three kinds of jobs in turn; submitted again until it is known that they are there.</summary>
    public async Task<IReadOnlyList<Guid>> SubmitAsync(int first, int count)
    {
        var requests = Enumerable.Range(first, count).Select(n => Request(n) with { DedupeKey = $"chaos-{n}" }).ToList();
        while (true)
        {
            try
            {
                return await Nodes.SubmitAsync(requests);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    /// <summary>One fault after another for as long as is said; at the end everything is there again.</summary>
    public async Task RageAsync(TimeSpan time)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < time)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_schedule.Next(300, 2000)), TimeProvider.System, CancellationToken.None);
            var (fault, node, long_) = (_schedule.Next(100), _schedule.Next(_nodes.Length), _schedule.Next(2) == 0);
            await (fault switch
            {
                < 25 => KillAsync(long_, node),
                < 30 => KillAsync(long_, 0, 1),
                < 45 => StallAsync(node, long_ ? Lease * 2 : Lease / 3),
                < 70 => CutAsync(long_),
                < 80 => RestartDatabaseAsync(long_),
                < 90 => RestartEmulatorAsync(),
                _ => StormAsync(),
            });
        }

        _weather = 0;
        _say("calm");
        for (var i = 0; i < _nodes.Length; i++)
            Assert.False(ProcessIdentity.StartOf(_nodes[i]!.Pid) is null, $"node {i} ended by itself. It said: {_nodes[i]!.OutputSoFar}");
    }

    /// <summary>Runs of agents that are still alive.</summary>
    public int ProcessesAlive => Agents.Folders.Sum(folder => new ProcessTree(folder, TimeProvider.System).Members().Count);

    public async ValueTask DisposeAsync()
    {
        await Agents.DisposeAsync();
        await _line.DisposeAsync();
        await _wire.DisposeAsync();
        await _environment.DisposeAsync();
    }

    private JobRequest Request(int n) => (n % 5) switch
    {
        0 => Agents.Script(
            $"exec 7>>{Agents.Mark($"alone-{n}")}; flock -n 7 || echo {n} >> {Agents.Mark("overlaps")}; echo {n} >> {Agents.Mark("started")}; sleep 0.{n % 10}; echo {n} >> {Agents.Mark("ended")}"),
        1 or 2 => JobRequest.For(Plain, new CrashPayload(Plain: true, TimeSpan.FromMilliseconds(n % 7 * 50))),
        _ => JobRequest.For(Stored, new CrashPayload(Plain: false, TimeSpan.FromMilliseconds(n % 7 * 50))),
    };

    private async Task KillAsync(bool wait, params int[] nodes)
    {
        _say($"kill {string.Join(" and ", nodes)}");
        foreach (var i in nodes)
            await Nodes.KillAsync(_nodes[i]!);
        if (wait)
            await Task.Delay(Lease, TimeProvider.System, CancellationToken.None);
        foreach (var i in nodes)
            await StartAsync(i);
    }

    private async Task StallAsync(int node, TimeSpan time)
    {
        _say($"stall {node} for {time}");
        await _nodes[node]!.SignalAsync("STOP");
        await Task.Delay(time, TimeProvider.System, CancellationToken.None);
        await _nodes[node]!.SignalAsync("CONT");
    }

    private Task CutAsync(bool all)
    {
        _say($"cut {_line.Cut(() => all || _schedule.Next(2) == 0)} connections");
        return Task.CompletedTask;
    }

    private async Task RestartDatabaseAsync(bool wait)
    {
        _say("database crashes");
        await _environment.CrashPostgresAsync();
        if (wait)
            await Task.Delay(Lease * 1.5, TimeProvider.System, CancellationToken.None);
        await _environment.StartPostgresAsync();
    }

    private async Task RestartEmulatorAsync()
    {
        _say("SQS restarts");
        await _environment.RestartEmulatorAsync();
    }

    private async Task StormAsync()
    {
        _say("storm on the wire");
        _weather = 6;
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None);
        _weather = 1;
    }

    private async Task StartAsync(int i) => _nodes[i] = await Nodes.StartNodeAsync();

    private void Sometimes(string action, double chance, WireFault fault) => _wire.Inject(action, fault, when: _ => _onWire.NextDouble() < chance * Volatile.Read(ref _weather));
}
