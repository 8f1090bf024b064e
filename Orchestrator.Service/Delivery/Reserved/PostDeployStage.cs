using System.Globalization;
using System.Text;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Runners;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Reserved;

/// <summary>Reads the addresses of what was delivered again and again for a while, and says whether it stayed well.</summary>
internal sealed class PostDeployStage(DeliveryOptions options, TimeProvider time) : IStageWork
{
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
                return Leave(task, "BAD", [string.Create(CultureInfo.InvariantCulture, $"{inARow} looks in a row found something wrong:"), .. lines]);
            await Task.Delay(watch.Interval, time, cancellation);
        }
        while (time.GetElapsedTime(began) < watch.Window || inARow > 0); // what is wrong at the end is looked at until it is right, or wrong often enough

        return Leave(task, "GOOD", [string.Create(CultureInfo.InvariantCulture, $"{looks} looks in {watch.Window}."), .. lines]);
    }

    private JobOutcome Leave(DeliveryTask task, string health, IReadOnlyList<string> lines)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"# After the delivery\n\nhealth: {health}\n\n").AppendJoin('\n', lines).Append('\n').ToString();
        return JobOutcome.Done(async (scope, cancellation) =>
            await TaskLedger.StoreArtifactAsync(scope.Connection, task.Id, task.Step, Artifacts.PostDeploy, text, time.GetUtcNow(), cancellation));
    }
}
