using System.Globalization;
using System.Text;
using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Classify;
using Orchestrator.Service.Delivery.Runners;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Reserved;

/// <summary>
/// Reads the addresses of what was delivered again and again for a while, and says whether it stayed well. Where it did not and the settings want it, a task that rolls it back is opened
/// in the very transaction that stores this outcome: neither is ever there without the other, and a crash before that looks again.
/// </summary>
internal sealed class PostDeployStage(DeliveryOptions options, TaskClient tasks, TimeProvider time) : IStageWork
{
    private const int MostLines = 100, LongestLine = 1000;

    public bool Does(Worker worker) => worker is Worker.Reserved { Job: ReservedJob.PostDeploy };

    public async Task<JobOutcome> RunAsync(DeliveryTask task, Stage stage, JobRun run, CancellationToken cancellation)
    {
        if (options.PostDeploy.GetValueOrDefault(task.Repository) is not { } watch)
            return Leave(task, "GOOD", [$"Nothing is configured to look at for {task.Repository} (Orchestrator:Delivery:PostDeploy)."]);

        var lines = new List<string>();
        var (began, looks, inARow) = (time.GetTimestamp(), 0, 0);
        do
        {
            var wrong = (await new SmokeCheck(time).RunAsync(watch.Smoke, cancellation)).Where(result => result.Error is not null).ToList();
            looks++;
            inARow = wrong.Count > 0 ? inARow + 1 : 0;
            lines.AddRange(wrong.Select(result => string.Create(CultureInfo.InvariantCulture, $"- {time.GetUtcNow():u} {result.Name}: {result.Error}")));
            if (inARow >= watch.Failures)
                return Leave(task, "BAD", [string.Create(CultureInfo.InvariantCulture, $"{inARow} looks in a row found something wrong:"), .. lines], rollBack: watch.Rollback);
            await Task.Delay(watch.Interval, time, cancellation);
        }
        while (time.GetElapsedTime(began) < watch.Window || inARow > 0); // what is wrong at the end is looked at until it is right, or wrong often enough

        return Leave(task, "GOOD", [string.Create(CultureInfo.InvariantCulture, $"{looks} looks in {watch.Window}."), .. lines]);
    }

    private JobOutcome Leave(DeliveryTask task, string health, IReadOnlyList<string> lines, bool rollBack = false) => JobOutcome.Done(async (scope, cancellation) =>
    {
        if (await TaskLedger.LockAsync(scope.Connection, task.Id, task.Step, cancellation) is null)
            return; // it has moved on: what was seen is nobody's any more
        var seen = Shown(lines);
        var rolled = rollBack ? $"\n\n{await RollBackAsync(scope.Connection, task, seen, cancellation)}" : "";
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"# After the delivery\n\nhealth: {health}\n\n").AppendJoin('\n', seen).Append(rolled).Append('\n').ToString();
        await TaskLedger.StoreArtifactAsync(scope.Connection, task.Id, task.Step, Artifacts.PostDeploy, text, time.GetUtcNow(), cancellation);
    });

    /// <summary>What it is about and the newest of what was seen: an address that comes and goes for a day fills no artifact.</summary>
    internal static IReadOnlyList<string> Shown(IReadOnlyList<string> lines) =>
        lines.Count <= MostLines ? [.. lines.Select(line => Ellipsis.Of(line, LongestLine))] : [lines[0], "- and more before", .. lines.TakeLast(MostLines - 2).Select(line => Ellipsis.Of(line, LongestLine))];

    private async Task<string> RollBackAsync(NpgsqlConnection connection, DeliveryTask task, IReadOnlyList<string> seen, CancellationToken cancellation)
    {
        if (RollbackTask.IsOne(task))
            return "This was a rollback itself: no other is opened.";
        var merge = MergeRecord.Read(await TaskLedger.ArtifactAsync(connection, task.Id, Artifacts.Merge, cancellation));
        try
        {
            // Null: somebody took the key by hand just now. The transaction ends, and the outcome is stored with the next try.
            var opened = await tasks.OpenAsync(connection, RollbackTask.Of(task, merge, seen), cancellation)
                ?? throw new InvalidOperationException($"The task {RollbackTask.KeyOf(task.Id)} came between.");
            return opened.Duplicate ? $"Task {opened.TaskId} rolls it back since an earlier look." : $"Task {opened.TaskId} was opened to roll it back.";
        }
        catch (JobRequestException refused)
        {
            return $"No task could be opened to roll it back: {string.Join(" ", refused.Errors)}";
        }
    }
}
