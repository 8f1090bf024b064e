using Npgsql;

namespace Orchestrator.Service.Hosting;

/// <summary>Where the truth is kept.</summary>
public sealed class DatabaseOptions : IChecked
{
    /// <summary>Npgsql connection string of the database; required.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Connections that one node may open; 5 to 500.</summary>
    public int MaxConnections { get; set; } = 40;

    /// <summary>How long a transaction may stand still before the server ends it, so that a stalled node's locks, those of the sweeps above all, are gone before its lease is; 1 s to 1 h.</summary>
    public TimeSpan StalledTransaction { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Apply missing migrations at start; off where an operator runs <c>orchestrator migrate</c>.</summary>
    public bool MigrateAtStart { get; set; } = true;

    public IEnumerable<Broken> Check()
    {
        if (string.IsNullOrWhiteSpace(ConnectionString))
            yield return new("ConnectionString", "must name the PostgreSQL database, for example Host=127.0.0.1;Database=orchestrator;Username=orchestrator", "nothing");
        else if (Unreadable(ConnectionString) is { } why)
            yield return new("ConnectionString", "must be a connection string of Npgsql, for example Host=127.0.0.1;Database=orchestrator;Username=orchestrator", why);
        if (MaxConnections is < 5 or > 500)
            yield return new("MaxConnections", "must be 5 to 500", MaxConnections);
        if (StalledTransaction < TimeSpan.FromSeconds(1) || StalledTransaction > TimeSpan.FromHours(1))
            yield return new("StalledTransaction", "must be 1 s to 1 h", StalledTransaction);
    }

    // Says which part is wrong, never its value: a connection string holds a password.
    private static string? Unreadable(string connectionString)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connectionString);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            return e is ArgumentException { ParamName: { } part } ? $"a part '{part}' that is unknown or has a wrong value" : "something else";
        }
    }
}
