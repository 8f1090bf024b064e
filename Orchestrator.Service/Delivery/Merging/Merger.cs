using Npgsql;
using Orchestrator.Persistence.Merging;
using Orchestrator.Service.Delivery.Git;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>A merge that is to be driven.</summary>
/// <param name="Task">Whose.</param>
/// <param name="Step">The task's step: what is spent is counted for it.</param>
/// <param name="Repository">owner/name.</param>
/// <param name="Branch">The task's.</param>
/// <param name="PullRequest">Its number.</param>
/// <param name="GatedHead">The commit that passed the gates; full hash. Nothing else is merged.</param>
internal sealed record MergeWork(Guid Task, long Step, string Repository, string Branch, long PullRequest, string GatedHead);

/// <summary>
/// Drives a merge one step further: looks, brings the branch onto its base, and lets the forge merge exactly the head that passed the gates. Whatever died where, the next drive looks
/// again and does nothing twice: what is merged is merged, what is up to date is not rebased, what is pushed is not pushed.
/// </summary>
internal sealed class Merger(
    NpgsqlDataSource database, MergeLeases leases, IMergeForge forge, Repositories repositories, Rebaser rebaser, Pushes pushes, MergeProbe probe, MergingOptions options, ILogger<Merger> log)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    public async Task<MergeStep> DriveAsync(MergeWork work, CancellationToken cancellation)
    {
        var spent = await MergeLedger.SpentAsync(database, work.Task, work.Step, cancellation);
        MergeDecided decided;
        try
        {
            decided = await DecideAsync(work, spent, cancellation);
        }
        catch (GitFailedException failed)
        {
            decided = OfGit(failed, spent);
        }

        if (decided.Spent != spent)
            await MergeLedger.SpendAsync(database, work.Task, work.Step, decided.Spent, cancellation);
        log.Decided(work.Task, decided.Step.GetType().Name, decided.Step.ToString());
        return decided.Step;
    }

    private async Task<MergeDecided> DecideAsync(MergeWork work, MergeSpent spent, CancellationToken cancellation)
    {
        // Before the lease: what is merged already needs none.
        var look = await forge.LookAsync(work.Repository, work.PullRequest, cancellation);
        if (MergeOutcomeDecision.BeforeMerge(look, work.GatedHead, spent, options) is { } early)
            return early;
        if (await leases.TakeAsync(work.Repository, work.Task, cancellation) is not LeaseAsked.Taken { Lease: var lease })
            return new(new MergeStep.Wait(Soon, "Another task of the repository is being merged."), spent);
        await using (lease)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, cancellation);
            try
            {
                return await UnderLeaseAsync(work, ((PullLook.Found)look).Pull, lease, spent, either.Token);
            }
            catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                return Lost(spent);
            }
        }
    }

    private async Task<MergeDecided> UnderLeaseAsync(MergeWork work, PullState pull, MergeLease lease, MergeSpent spent, CancellationToken cancellation)
    {
        var mirror = await repositories.FetchAsync(work.Repository, cancellation);
        if (pull.Base != mirror.Base)
            return new(new MergeStep.Hold($"The pull request goes into {pull.Base}, and tasks of {work.Repository} go into {mirror.Base}. Change one of them, then retry the stage."), spent);
        var (head, onto) = (work.GatedHead, await repositories.ResolveAsync(mirror.Path, mirror.BaseRef, cancellation));
        if (onto is null)
            return new(new MergeStep.Hold($"{mirror.Name} has no branch {mirror.Base}."), spent);
        if (await repositories.ResolveAsync(mirror.Path, head, cancellation) is null || await repositories.ResolveAsync(mirror.Path, Mirror.Fetched(work.Branch), cancellation) != head)
            return MergeOutcomeDecision.Retry(spent, options, $"The forge shows {head} as the head of {work.Branch}, and the repository another.");

        switch (await repositories.AncestryAsync(mirror.Path, onto, head, cancellation))
        {
            case Ancestry.CannotTell:
                return MergeOutcomeDecision.Retry(spent, options, $"git can't tell how {head} stands to {onto}.");
            case Ancestry.No when await repositories.AncestryAsync(mirror.Path, head, onto, cancellation) == Ancestry.Yes:
                // Somebody has pushed it into the base; the forge will find out.
                return new(new MergeStep.Finalize(onto, $"{mirror.Base} holds {head} already."), spent);
            case Ancestry.No:
                var (step, rebased) = await BringUpAsync(work, mirror, head, onto, lease, spent, cancellation);
                if (step is not null)
                    return step;
                head = rebased!;
                break;
        }

        return await MergeAsync(work, mirror, head, onto, lease, spent, cancellation);
    }

    /// <summary>Rebases and pushes.</summary>
    /// <returns>What follows; or the new head, where it may be merged at once.</returns>
    private async Task<(MergeDecided? Step, string? Head)> BringUpAsync(MergeWork work, Mirror mirror, string head, string onto, MergeLease lease, MergeSpent spent, CancellationToken cancellation)
    {
        switch (await rebaser.RebaseAsync(mirror, head, onto, cancellation))
        {
            case RebaseEnd.Conflict conflict:
                return (new(new MergeStep.Bounce(MergeNotes.Conflict(mirror.Base, onto, conflict.Files)), spent), null);
            case RebaseEnd.LinesLost lost:
                return (new(new MergeStep.Bounce(MergeNotes.LinesLost(mirror.Base, onto, lost.Lines)), spent), null);
            case RebaseEnd.Rebased { Head: var now } when now == onto:
                return (new(new MergeStep.Finalize(onto, $"{mirror.Base} has all that {head} adds already."), spent), null);
            case RebaseEnd.Rebased { Head: var now }:
                if (!await lease.HoldsAsync(cancellation))
                    return (Lost(spent), null);
                return await pushes.PushAsync(mirror, mirror.Path, work.Branch, now, head, cancellation) switch
                {
                    PushEnd.Stale { Found: { } found } => (new(new MergeStep.RunGates(found, $"Somebody pushed {found} to {work.Branch} meanwhile."), spent), null),
                    PushEnd.Stale => (new(new MergeStep.Hold($"The branch {work.Branch} is gone from the remote, and its pull request is open. Push it again, or close the pull request."), spent), null),
                    PushEnd.Rejected { Why: var why } => (new(new MergeStep.Hold($"The remote refused the rebased branch {work.Branch}: {why}"), spent), null),
                    _ when options.GatesAfterRebase => (new(new MergeStep.RunGates(now, $"It was rebased onto {onto}: what lands is what passed the gates."), spent), null),
                    _ => (null, now),
                };
            case var other:
                throw new InvalidOperationException($"Nothing follows on {other}.");
        }
    }

    private async Task<MergeDecided> MergeAsync(MergeWork work, Mirror mirror, string head, string onto, MergeLease lease, MergeSpent spent, CancellationToken cancellation)
    {
        if (!await lease.HoldsAsync(cancellation))
            return Lost(spent);
        var answer = await forge.MergeAsync(work.Repository, work.PullRequest, head, cancellation);
        var look = MergeOutcomeDecision.NeedsLook(answer) ? await forge.LookAsync(work.Repository, work.PullRequest, cancellation) : null;
        var conflict = MergeOutcomeDecision.NeedsProbe(answer, spent, options) ? await ProbeAsync(work, mirror, head, onto, cancellation) : null;
        return MergeOutcomeDecision.AfterMerge(answer, look, conflict, head, spent, options);
    }

    private async Task<MergeProbeResult> ProbeAsync(MergeWork work, Mirror mirror, string head, string onto, CancellationToken cancellation)
    {
        // The base may have moved since: the forge sees the new one.
        var now = await repositories.FetchAsync(work.Repository, cancellation);
        return await probe.ProbeAsync(mirror, await repositories.ResolveAsync(now.Path, now.BaseRef, cancellation) ?? onto, head, cancellation);
    }

    private static MergeDecided Lost(MergeSpent spent) => new(new MergeStep.Wait(Soon, "The merge lease was lost; whoever has it now goes on."), spent);

    private MergeDecided OfGit(GitFailedException failed, MergeSpent spent) => failed.Fault switch
    {
        GitFault.Unreachable or GitFault.TimedOut or GitFault.Busy => MergeOutcomeDecision.Retry(spent, options, failed.Message),
        _ => new(new MergeStep.Hold(failed.Message), spent),
    };
}
