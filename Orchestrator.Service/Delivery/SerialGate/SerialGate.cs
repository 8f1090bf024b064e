using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Dispatch;

namespace Orchestrator.Service.Delivery.SerialGate;

/// <summary>
/// One task of a repository at a time, the oldest first. Paused tasks and, unless the setting says otherwise, held ones let the next go on, and take
/// their old place again. Decided under a lock of the repository's row, at the dispatch and again at the claim.
/// </summary>
internal sealed class SerialGate(DeliveryOptions options, DeliveryPipeline pipeline) : IObstacle
{
    private readonly List<string> _outside = [.. pipeline.Stages.Where(stage => !stage.Serial).Select(stage => stage.Name)];

    public string Name => "serial-gate";

    public async Task<IReadOnlyDictionary<Guid, string>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, string>();
        if (jobs.Count == 0 || jobs[0].Lane is not (DeliveryLanes.Agents or DeliveryLanes.Work))
            return found;
        foreach (var turn in await TaskLedger.LockGatesAsync(connection, [.. jobs.Select(job => job.Id)], options.SerialGate.HeldKeepGate, _outside, cancellation))
        {
            if (Obstacle(turn) is { } why)
                found[turn.Job] = why;
        }

        return found;
    }

    private string? Obstacle(GateTurn turn) =>
        turn.PausedAt is { } paused ? $"its task is paused since {paused:u}{Because(turn.PauseReason)}"
        : turn.FrozenAt is { } frozen ? $"its repository is frozen since {frozen:u}{Because(turn.FreezeReason)}"
        : !options.SerialGate.Enabled || _outside.Contains(turn.Stage) || turn.First is null || turn.First == turn.Task ? null
        : $"task {turn.First} '{turn.FirstTitle}' has its turn, at {turn.FirstStage}";

    private static string Because(string? reason) => reason is null ? "" : $": {reason}";
}
