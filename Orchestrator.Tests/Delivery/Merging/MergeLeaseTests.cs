using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Persistence.Merging;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Merging;

/// <summary>One merge at a time in a repository, whichever node it runs on, and nothing wedged by one that died.</summary>
[Trait("Requirement", "MRG-1")]
public sealed class MergeLeaseTests : IAsyncLifetime
{
    private const string Repository = "acme/app";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private MergeDatabase _database = null!;
    private Guid _node;

    public async Task InitializeAsync()
    {
        _database = await MergeDatabase.CreateAsync();
        _node = await _database.NodeAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Of_all_that_ask_at_once_one_gets_it()
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => LeasesOf(_node).TakeAsync(Repository, Guid.NewGuid(), CancellationToken.None))));

        await using var lease = Assert.Single(asked.OfType<LeaseAsked.Taken>()).Lease;
        var busy = asked.OfType<LeaseAsked.Busy>().ToList();
        Assert.Equal(11, busy.Count);
        Assert.All(busy, other => Assert.Equal(lease.Token, other.Holder!.Token));
        Assert.IsType<LeaseAsked.Taken>(await LeasesOf(_node).TakeAsync("acme/other", Guid.NewGuid(), CancellationToken.None));
    }

    [Fact]
    public async Task A_task_on_another_node_holds_it_like_any()
    {
        var task = Guid.NewGuid();
        await using var lease = await TakenAsync(await _database.NodeAsync(), task);

        var busy = Assert.IsType<LeaseAsked.Busy>(await LeasesOf(_node).TakeAsync(Repository, Guid.NewGuid(), CancellationToken.None));

        Assert.Equal(task, busy.Holder!.Task);
        Assert.True(await lease.HoldsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Given_back_it_is_free_and_its_token_worth_nothing()
    {
        var first = await TakenAsync(_node);
        await first.DisposeAsync();
        await using var second = await TakenAsync(_node);

        Assert.True(second.Token > first.Token);
        Assert.False(await MergeLedger.RenewAsync(_database.Source, Repository, first.Token, Long, CancellationToken.None));
        Assert.False(await MergeLedger.ReleaseAsync(_database.Source, Repository, first.Token, CancellationToken.None));
        Assert.True(await second.HoldsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task One_that_ran_out_goes_to_the_next_taker_and_the_old_one_finds_out()
    {
        await using var stalled = await TakenAsync(_node);
        await _database.LetRunOutAsync(Repository);

        await using var next = await TakenAsync(_node);

        Assert.True(next.Token > stalled.Token);
        Assert.False(await stalled.HoldsAsync(CancellationToken.None));
        Assert.True(stalled.Lost.IsCancellationRequested);
        await stalled.DisposeAsync(); // gives back what is not its own any more
        Assert.True(await next.HoldsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task One_that_ran_out_and_that_nobody_took_goes_on()
    {
        await using var lease = await TakenAsync(_node);
        await _database.LetRunOutAsync(Repository);

        Assert.True(await lease.HoldsAsync(CancellationToken.None));
        Assert.IsType<LeaseAsked.Busy>(await LeasesOf(_node).TakeAsync(Repository, Guid.NewGuid(), CancellationToken.None));
    }

    [Fact]
    public async Task The_lease_of_a_dead_node_is_free_at_once()
    {
        var node = await _database.NodeAsync();
        await using var orphan = await TakenAsync(node);
        await _database.DeclareDeadAsync(node);

        await using var next = await TakenAsync(_node);

        Assert.False(await orphan.HoldsAsync(CancellationToken.None));
        Assert.True(await next.HoldsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task The_sweep_frees_what_is_stale_and_leaves_what_lives()
    {
        var dead = await _database.NodeAsync();
        await using var living = await TakenAsync(_node);
        await using var orphan = await TakenAsync(dead, repository: "acme/orphan");
        await using var over = await TakenAsync(_node, repository: "acme/over");
        await _database.DeclareDeadAsync(dead);
        await _database.LetRunOutAsync("acme/over");
        var sweep = new MergeLeaseSweep(_database.Source, NullLogger<MergeLeaseSweep>.Instance);

        await sweep.RunAsync(CancellationToken.None);
        var again = new MergeLeaseSweep(_database.Source, NullLogger<MergeLeaseSweep>.Instance);
        await again.RunAsync(CancellationToken.None);

        Assert.Equal((2L, 0, 0), (sweep.Done["mergeLeasesReclaimed"], sweep.Errors.Count, again.Done.Count));
        Assert.Equal([Repository], (await MergeLedger.HeldAsync(_database.Source, CancellationToken.None)).Select(held => held.Repository));
        Assert.Equal((true, false, false), (await living.HoldsAsync(CancellationToken.None), await orphan.HoldsAsync(CancellationToken.None), await over.HoldsAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task It_is_renewed_while_a_long_step_runs()
    {
        await using var lease = await TakenAsync(_node, ttl: TimeSpan.FromSeconds(2));
        var taken = (await MergeLedger.HolderAsync(_database.Source, Repository, CancellationToken.None))!;

        await Eventually.IsAsync(() => MergeLedger.HolderAsync(_database.Source, Repository, CancellationToken.None), now => now!.ExpiresAt > taken.ExpiresAt + TimeSpan.FromSeconds(3), "it was renewed several times");

        Assert.False(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_long_step_is_cancelled_when_it_is_lost()
    {
        await using var lease = await TakenAsync(_node, ttl: TimeSpan.FromSeconds(1));

        await _database.ExecuteAsync("UPDATE orchestrator.merge_lease SET token = token + 1");

        await Eventually.IsTrueAsync(() => lease.Lost.IsCancellationRequested, "the loop finds out");
    }

    [Fact]
    public async Task What_a_merge_has_spent_is_counted_for_its_step_only()
    {
        var task = Guid.NewGuid();
        await _database.TaskAsync(task, step: 7);

        Assert.True(await MergeLedger.SpendAsync(_database.Source, task, 7, new MergeSpent(2, 1), CancellationToken.None));
        Assert.False(await MergeLedger.SpendAsync(_database.Source, task, 6, new MergeSpent(9, 9), CancellationToken.None));

        Assert.Equal(new MergeSpent(2, 1), await MergeLedger.SpentAsync(_database.Source, task, 7, CancellationToken.None));
        Assert.Equal(new MergeSpent(0, 0), await MergeLedger.SpentAsync(_database.Source, task, 8, CancellationToken.None));
    }

    private async Task<MergeLease> TakenAsync(Guid node, Guid? task = null, string repository = Repository, TimeSpan? ttl = null) =>
        Assert.IsType<LeaseAsked.Taken>(await LeasesOf(node, ttl).TakeAsync(repository, task ?? Guid.NewGuid(), CancellationToken.None)).Lease;

    private MergeLeases LeasesOf(Guid node, TimeSpan? ttl = null) =>
        new(_database.Source, new NamedNode(node), new MergingOptions { Lease = ttl ?? Long }, TimeProvider.System, NullLogger<MergeLeases>.Instance);
}
