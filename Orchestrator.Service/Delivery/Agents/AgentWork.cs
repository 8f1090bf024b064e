using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Agents;

/// <summary>What an agent finds when it starts, and what is taken in when it has ended: notes and artifacts in its worktree.</summary>
internal sealed partial class AgentWork(
    NpgsqlDataSource database, DeliveryPipeline pipeline, StageJobs jobs, Prompts prompts, Worktrees worktrees, Repositories repositories, Changes changes, DeliveryOptions options, TimeProvider time) : IProcessWork
{
    private const int LargestArtifact = 1 << 20;
    private const int MostArtifacts = 50; // each up to the size above, read one after the other
    private const string Prompt = "prompt.md";

    public string Lane => DeliveryLanes.Agents;

    public async Task<JobOutcome?> PrepareAsync(JobRun run, CancellationToken cancellation)
    {
        var (task, artifacts) = await ReadAsync(run, cancellation);
        if (task is null || jobs.Agent(task, pipeline[task.Stage]) is not { } agent)
            return MovedOn;
        try
        {
            await worktrees.PrepareAsync(task, cancellation);
        }
        catch (GitFailedException failed)
        {
            return failed.Outcome;
        }

        var notes = Directory.CreateDirectory(Path.Combine(Worktree.PathOf(options, task), Worktree.Notes)).FullName;
        foreach (var old in Directory.EnumerateFileSystemEntries(notes))
            Remove(old);
        foreach (var artifact in artifacts)
            await File.WriteAllTextAsync(Path.Combine(notes, artifact.Name), artifact.Content, cancellation);
        // Last: what is newer was written by the agent.
        await File.WriteAllTextAsync(Path.Combine(notes, Prompt), prompts.Render(agent.Prompt, task), cancellation);
        return null;
    }

    public async Task<JobOutcome?> FinishAsync(JobRun run, CancellationToken cancellation)
    {
        var (task, before) = await ReadAsync(run, cancellation);
        if (task is null)
            return MovedOn;
        var notes = Path.Combine(Worktree.PathOf(options, task), Worktree.Notes);
        var left = Left(notes, before).Where(artifact => artifact.Name != Artifacts.Changes).Take(MostArtifacts).ToList();
        string head;
        try
        {
            head = await worktrees.CommitAsync(task, $"{task.Title}\n\nLeft by {task.Stage} of task {task.Id}.", cancellation);
            switch (await worktrees.PushAsync(task, cancellation))
            {
                case PushEnd.Stale stale:
                    return JobOutcome.Fail($"Somebody pushed {stale.Found ?? "the removal of the branch"} to {task.Branch} while the agent worked. Its work is kept on this host; it begins anew from there.");
                case PushEnd.Rejected rejected:
                    return JobOutcome.EnvironmentFault($"The remote refused the branch {task.Branch}: {rejected.Why}").Alone();
            }

            left.Add((Artifacts.Changes, await changes.DescribeAsync(repositories.Of(task.Repository), head, cancellation)));
        }
        catch (GitFailedException failed)
        {
            return failed.Outcome;
        }

        // The head first: what the gates read belongs to it.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (!await TaskLedger.StoreHeadAsync(connection, task.Id, task.Step, head, cancellation))
            return MovedOn;
        foreach (var (name, content) in left)
        {
            if (!await TaskLedger.StoreArtifactAsync(connection, task.Id, task.Step, name, content, time.GetUtcNow(), cancellation))
                return MovedOn;
        }

        return null;
    }

    private static JobOutcome MovedOn => JobOutcome.Fail("Its task has moved on without it.");

    /// <summary>The artifacts that the agent wrote or changed. What is no plain text file of a fitting size is left out, and its gate says that it is missing.</summary>
    private static IEnumerable<(string Name, string Content)> Left(string notes, IReadOnlyList<TaskArtifact> before)
    {
        var prompt = new FileInfo(Path.Combine(notes, Prompt));
        var began = prompt.Exists ? prompt.LastWriteTimeUtc : DateTime.MinValue;
        foreach (var path in Directory.Exists(notes) && new DirectoryInfo(notes).LinkTarget is null ? Directory.GetFiles(notes).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            var name = Path.GetFileName(path);
            if (!ArtifactName().IsMatch(name) || new FileInfo(path) is not { LinkTarget: null } file)
                continue;
            string content;
            try
            {
                content = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(RegularFile.Read(path, LargestArtifact));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                continue;
            }

            if (!content.Contains('\0') && (file.LastWriteTimeUtc > began || before.FirstOrDefault(artifact => artifact.Name == name)?.Content != content))
                yield return (name, content);
        }
    }

    private async Task<(DeliveryTask? Task, IReadOnlyList<TaskArtifact> Artifacts)> ReadAsync(JobRun run, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await TaskLedger.OfJobAsync(connection, run.JobId, cancellation) is { } id && await TaskLedger.GetAsync(connection, id, cancellation) is { } task
            ? (task, await TaskLedger.ArtifactsAsync(connection, id, cancellation))
            : (null, []);
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    [GeneratedRegex(@"\A[0-9]{2}-[a-z0-9-]{1,60}\.md\z")]
    private static partial Regex ArtifactName();
}
