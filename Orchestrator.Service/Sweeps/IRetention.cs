namespace Orchestrator.Service.Sweeps;

/// <summary>What keeps rows for a time; the retention sweep lets it forget, one after another.</summary>
internal interface IRetention
{
    /// <summary>What the sweep counts, as its <c>done</c> says it.</summary>
    string What { get; }

    /// <summary>Removes what is old; asked again while there is so much. What it throws is told, and the others go on.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>How many it were.</returns>
    Task<int> ForgetAsync(int most, CancellationToken cancellation);
}
