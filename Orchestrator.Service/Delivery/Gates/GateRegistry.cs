using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Delivery.Gates;

/// <summary>All gates that are registered, by name.</summary>
internal sealed class GateRegistry
{
    private readonly Dictionary<string, IGate> _gates;
    private readonly NpgsqlDataSource _database;

    /// <exception cref="InvalidOperationException">Two gates have one name.</exception>
    public GateRegistry(IEnumerable<IGate> gates, NpgsqlDataSource database)
    {
        _gates = new(StringComparer.Ordinal);
        _database = database;
        foreach (var gate in gates)
        {
            if (!_gates.TryAdd(gate.Name, gate))
                throw new InvalidOperationException($"Two gates are called {gate.Name}: {_gates[gate.Name].GetType().Name} and {gate.GetType().Name}. Rename one.");
        }
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
                verdict = await _gates[name].EvaluateAsync(evidence, cancellation);
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
