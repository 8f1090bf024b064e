using Orchestrator.Service.Documents.Processes;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

[Trait("Requirement", "OPS-3")]
public sealed class ForsakenFoldersTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();

    public void Dispose() => _parent.Dispose();

    [Fact]
    public async Task A_folder_is_its_workers_while_the_process_lives_and_goes_when_it_was_killed()
    {
        var folder = Make("orchestrator-document-a", ".owner", "page.png");
        using var worker = Command.Start("sh", ["-c", "exec 9<.owner; flock 9; echo held; exec sleep 600"], folder);
        await Eventually.IsTrueAsync(() => worker.OutputSoFar.Contains("held", StringComparison.Ordinal), "the worker holds its folder");

        Assert.Equal((0, true), (Remove(), Directory.Exists(folder)));

        await worker.SignalAsync("KILL");
        await worker.EndAsync();

        Assert.Equal((1, false), (Remove(), Directory.Exists(folder)));
    }

    [Fact]
    public void A_folder_of_this_very_process_is_not_taken_and_is_gone_when_its_work_has_ended()
    {
        var work = WorkFolder.Create();
        File.WriteAllText(work.File("page.png"), "");

        Assert.False(WorkFolder.TryRemoveForsaken(work.Path, TimeProvider.System.GetUtcNow().AddDays(30)));
        Assert.True(File.Exists(work.File("page.png")));

        work.Dispose();
        Assert.False(Directory.Exists(work.Path));
    }

    [Fact]
    public void A_folder_without_a_mark_may_just_be_being_made_and_goes_when_it_is_old()
    {
        var folder = Make("orchestrator-document-b", "page.png");
        var other = Make("somebody-elses", ".owner");

        Assert.Equal((0, true), (Remove(), Directory.Exists(folder)));
        Directory.SetLastWriteTimeUtc(folder, TimeProvider.System.GetUtcNow().AddDays(-2).UtcDateTime);

        Assert.Equal((1, false), (Remove(), Directory.Exists(folder)));
        Assert.True(Directory.Exists(other));
    }

    private int Remove() => ForsakenFolders.Remove(_parent.Path, TimeProvider.System.GetUtcNow());

    private string Make(string name, params string[] files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_parent.Path, name)).FullName;
        foreach (var file in files)
            File.WriteAllText(Path.Combine(folder, file), "");
        return folder;
    }
}
