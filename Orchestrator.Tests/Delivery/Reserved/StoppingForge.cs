using Orchestrator.Service.Delivery.Forge;

namespace Orchestrator.Tests.Delivery.Reserved;

/// <summary>Which call is the last before the work stops.</summary>
internal sealed class Stops
{
    private int _calls;
    private int _at;

    /// <summary>Has it stopped?</summary>
    public bool Happened => Volatile.Read(ref _calls) >= Volatile.Read(ref _at);

    /// <summary>Counts anew, and stops once, after that call (from 1).</summary>
    public void After(int call)
    {
        Volatile.Write(ref _at, call);
        Volatile.Write(ref _calls, 0);
    }

    public void Count()
    {
        if (Interlocked.Increment(ref _calls) == Volatile.Read(ref _at))
            throw new StoppedException();
    }
}

internal sealed class StoppedException() : Exception("The process ended here.");

/// <summary>A forge after one of whose calls, carried out, the caller gets no further.</summary>
internal sealed class StoppingForge(IForge forge, Stops stops) : IForge
{
    public Task<ForgeIdentity> PreflightAsync(CancellationToken cancellation) => Then(forge.PreflightAsync(cancellation));

    public Task<PullRequest?> FindAsync(string repository, long number, CancellationToken cancellation) => Then(forge.FindAsync(repository, number, cancellation));

    public Task<IReadOnlyList<PullRequest>> OpenAsync(string repository, CancellationToken cancellation) => Then(forge.OpenAsync(repository, cancellation));

    public Task<PullRequest?> FindByBranchAsync(string repository, string branch, string? into, CancellationToken cancellation) => Then(forge.FindByBranchAsync(repository, branch, into, cancellation));

    public Task<PullRequestMade> OpenAsync(string repository, string branch, string into, string title, string text, CancellationToken cancellation) => Then(forge.OpenAsync(repository, branch, into, title, text, cancellation));

    public Task<MergeOutcome> MergeAsync(string repository, long number, string head, bool deleteBranch, CancellationToken cancellation) => Then(forge.MergeAsync(repository, number, head, deleteBranch, cancellation));

    public Task<IReadOnlyList<Review>> ReviewsAsync(string repository, long number, CancellationToken cancellation) => Then(forge.ReviewsAsync(repository, number, cancellation));

    public Task<CombinedStatus> StatusAsync(string repository, string commit, CancellationToken cancellation) => Then(forge.StatusAsync(repository, commit, cancellation));

    public Task<IReadOnlyList<Comment>> CommentsAsync(string repository, long number, DateTimeOffset? since, CancellationToken cancellation) => Then(forge.CommentsAsync(repository, number, since, cancellation));

    public Task<CommentMade> CommentAsync(string repository, long number, string key, string text, CancellationToken cancellation) => Then(forge.CommentAsync(repository, number, key, text, cancellation));

    public Task<Branch?> BranchAsync(string repository, string name, CancellationToken cancellation) => Then(forge.BranchAsync(repository, name, cancellation));

    public Task<bool> DeleteBranchAsync(string repository, string name, CancellationToken cancellation) => Then(forge.DeleteBranchAsync(repository, name, cancellation));

    public async Task SetStatusAsync(string repository, string commit, CommitStatus status, CancellationToken cancellation)
    {
        await forge.SetStatusAsync(repository, commit, status, cancellation);
        stops.Count();
    }

    private async Task<T> Then<T>(Task<T> call)
    {
        var answer = await call;
        stops.Count();
        return answer;
    }
}
