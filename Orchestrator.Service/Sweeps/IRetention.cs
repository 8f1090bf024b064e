namespace Orchestrator.Service.Sweeps;

/// <summary>What keeps rows for a time; the retention sweep lets it forget, one after another.</summary>
internal interface IRetention
{
    /// <summary>What the sweep counts, as its <c>done</c> says it.</summary>
    string What { get; }

    /// <summary>Removes what is old, in batches; what it throws is told, and the others go on.</summary>
    /// <returns>How much it was.</returns>
    Task<long> ForgetAsync(CancellationToken cancellation);
}
