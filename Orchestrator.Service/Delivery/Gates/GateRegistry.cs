using FuzzySharp;
using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Delivery.Gates;

/// <summary>All gates that are registered, by name. One that is switched off answers that it is passed, and says why; its work is not asked for.</summary>
internal sealed class GateRegistry
{
    private readonly Dictionary<string, IGate> _gates;
    private readonly HashSet<string> _off;
    private readonly NpgsqlDataSource _database;

    /// <exception cref="InvalidOperationException">Two gates have one name.</exception>
    /// <exception cref="BrokenSettingsException">The settings name a gate that is not there.</exception>
    public GateRegistry(IEnumerable<IGate> gates, DeliveryOptions options, NpgsqlDataSource database)
    {
        _gates = new(StringComparer.Ordinal);
        _off = [.. options.Gates.Where(gate => !gate.Value.Enabled).Select(gate => gate.Key)];
        _database = database;
        foreach (var gate in gates)
        {
            if (!_gates.TryAdd(gate.Name, gate))
                throw new InvalidOperationException($"Two gates are called {gate.Name}: {_gates[gate.Name].GetType().Name} and {gate.GetType().Name}. Rename one.");
        }

        var unknown = options.Gates.Keys.Where(name => !_gates.ContainsKey(name))
            .Select(name => $"Orchestrator:Delivery:Gates:{name} must name a gate that is registered; those that ask the forge are so where Orchestrator:Forge is configured. Did you mean {_gates.Keys.MaxBy(known => Fuzz.Ratio(known, name))}?").ToList();
        if (unknown.Count > 0)
            throw new BrokenSettingsException(unknown);
    }

    public IReadOnlyCollection<string> Names => _gates.Keys;

    /// <summary>Asks all of them; one that throws can't tell.</summary>
    public async Task<List<GateResult>> AskAsync(DeliveryTask task, Stage stage, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        if (names.Count == 0)
            return [];
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        var evidence = new GateEvidence(task, stage, (await TaskLedger.ArtifactsAsync(connection, task.Id, cancellation)).ToDictionary(artifact => artifact.Name, StringComparer.Ordinal));
        var results = new List<GateResult>(names.Count);
        foreach (var name in names)
        {
            GateVerdict verdict;
            try
            {
                verdict = _off.Contains(name)
                    ? new GateVerdict(GateAnswer.Passed, $"Switched off by Orchestrator:Delivery:Gates:{name}:Enabled; nothing was looked at.")
                    : await _gates[name].EvaluateAsync(evidence, cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                verdict = new GateVerdict(GateAnswer.CannotTell, exception.Message);
            }

            results.Add(new GateResult(name, verdict.Answer, verdict.Reason));
        }

        return results;
    }
}
