using System.Text.Json;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Reaper;

/// <summary>Judges the runs of living owners from what their hosts saw. Takes the job by the guarded transition first; whoever comes second writes nothing.</summary>
internal sealed class ReaperSweep(
    NpgsqlDataSource database, Finalizer finalizer, OutcomeGates gates, Lanes lanes, NodeLease lease, Alerts.Alerts alerts, ReaperOptions options, ILogger<ReaperSweep> log) : Sweep(log)
{
    private const int Page = 200;

    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        var after = Guid.Empty;
        List<Suspect> page;
        do
        {
            await using (var connection = await database.OpenConnectionAsync(cancellation))
                page = await RunLedger.SuspectsAsync(connection, after, options.MaxRunning, Page, cancellation);
            foreach (var run in page)
            {
                try
                {
                    await JudgeAsync(run, cancellation);
                }
                catch (Exception exception) when (!cancellation.IsCancellationRequested)
                {
                    Failed($"job {run.Job}", exception);
                    log.JudgementFailed(run.Job, run.Run, exception); // the others are judged all the same; this one again with the next sweep
                }
            }

            after = page.Count == 0 ? after : page[^1].Job;
        }
        while (page.Count == Page);

        await using var last = await database.OpenConnectionAsync(cancellation);
        await RunLedger.ForgetEvidenceAsync(last, cancellation);
        await RunLedger.ForgetJournalAsync(last, options.JournalRetention, cancellation);
    }

    internal async Task JudgeAsync(Suspect run, CancellationToken cancellation)
    {
        var judgement = ReaperDecision.Decide(run.Now, run, options);
        switch (judgement.Verdict)
        {
            case Verdict.Leave:
                return;
            case Verdict.StopMonitor:
                await using (var connection = await database.OpenConnectionAsync(cancellation))
                {
                    await RunLedger.StopMonitorAsync(connection, run.Job, run.Run, cancellation);
                    await JournalAsync(connection, run, judgement, won: true, cancellation);
                }

                return;
        }

        Job? job;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
            job = await JobLedger.GetAsync(connection, run.Job, cancellation);
        if (job?.RunId == run.Run && await EndingAsync(job, run, judgement, cancellation) is { } ending)
            await TakeAsync(job, run, judgement, ending, cancellation);
    }

    /// <summary>What the run came to; null where its gate can't tell yet, so that it is left for the next sweep. Changes nothing.</summary>
    private async Task<Ending?> EndingAsync(Job job, Suspect run, Judgement judgement, CancellationToken cancellation)
    {
        if (judgement.Verdict == Verdict.ProcessLost)
            return new Ending.Lost(judgement.Why);
        if (judgement.Verdict == Verdict.Overdue)
            return new Ending.Finished(JobOutcome.Retry(judgement.Why));

        var exit = ExitOutcome.Read(run.Outcome!);
        if (!exit.EndedWell)
            return new Ending.Finished(exit.ToOutcome());
        var verdict = await gates.EvaluateAsync(JobRun.Of(job), cancellation);
        return verdict.Answer switch
        {
            GateAnswer.Passed => new Ending.Finished(exit.ToOutcome()),
            GateAnswer.Failed => new Ending.Finished(JobOutcome.Retry(verdict.Reason)),
            _ => null,
        };
    }

    private async Task TakeAsync(Job job, Suspect run, Judgement judgement, Ending ending, CancellationToken cancellation)
    {
        // The transition and its journal are one transaction; what follows of it comes after, and only for the winner.
        var won = await finalizer.EndAsync(job, ending, lanes.Of(run.Lane), cancellation, connection => JournalAsync(connection, run, judgement, won: true, cancellation));
        if (won)
        {
            Did("reaped", 1);
            log.Reaped(run.Job, run.Run, run.NodeName, judgement.Verdict, judgement.Why);
            alerts.Raise(new Alert(AlertKind.RunReaped, run.Job.ToString(), $"Run {run.Run} of job {run.Job} was taken from node {run.NodeName}: {judgement.Why} GET /jobs/{run.Job}/reaped shows the evidence."));
            return;
        }

        await using var lost = await database.OpenConnectionAsync(cancellation);
        await JournalAsync(lost, run, judgement, won: false, cancellation);
    }

    private Task JournalAsync(NpgsqlConnection connection, Suspect run, Judgement judgement, bool won, CancellationToken cancellation) =>
        RunLedger.JournalAsync(connection, run.Job, run.Run, judgement.Verdict.ToString(), judgement.Why, JsonSerializer.Serialize(run, JobRun.Json), won, lease.Node.Id, cancellation);
}
