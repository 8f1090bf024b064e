using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Finalize;

/// <summary>The transaction that ends a run. The fence was passed: whatever is written here commits with the job's outcome, or not at all.</summary>
public sealed class FinalizeScope
{
    private readonly Intake _intake;
    private readonly HashSet<string> _lanes = [];

    internal FinalizeScope(NpgsqlConnection connection, NpgsqlTransaction transaction, Job job, DateTimeOffset now, Intake intake)
    {
        (Connection, Transaction, Job, Now, _intake) = (connection, transaction, job, now, intake);
    }

    public NpgsqlConnection Connection { get; }

    public NpgsqlTransaction Transaction { get; }

    /// <summary>The job as it was before it ended.</summary>
    public Job Job { get; }

    public DateTimeOffset Now { get; }

    internal IReadOnlyCollection<string> SubmittedLanes => _lanes;

    /// <summary>Enqueues jobs in the same transaction; those with a dedupe key that is taken are left out.</summary>
    /// <exception cref="JobRequestException">A request breaks a rule; nothing is stored.</exception>
    public async Task SubmitAsync(IReadOnlyList<JobRequest> requests, CancellationToken cancellation)
    {
        await _intake.InsertAsync(Connection, requests, Now, cancellation);
        _lanes.UnionWith(requests.Select(r => r.Lane));
    }
}
