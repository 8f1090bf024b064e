using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>Drives tasks whose time has come, and those of which a message was lost.</summary>
internal sealed class TaskSweep(NpgsqlDataSource database, TaskDriver driver, IJobClient jobs, TimeProvider time, ILogger<TaskSweep> log) : Sweep(log)
{
    private const int Page = 200;

    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        List<Guid> due, abandoned;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            due = await TaskLedger.DueAsync(connection, time.GetUtcNow(), Page, cancellation);
            abandoned = await TaskLedger.AbandonedJobsAsync(connection, Page, cancellation);
        }

        foreach (var task in due)
        {
            try
            {
                Did("tasksMoved", await driver.DriveAsync(task, cancellation) ? 1 : 0);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                Failed($"task {task}", exception);
            }
        }

        foreach (var job in abandoned)
            await jobs.CancelAsync(job, "Its task was cancelled.", cancellation);
        Did("jobsCancelled", abandoned.Count);
    }
}
