namespace Orchestrator.Persistence.Migrations;

/// <summary>What is left to do, or why nothing may be done.</summary>
internal sealed record MigrationPlan(IReadOnlyList<Migration> Pending, IReadOnlyList<string> Refusals)
{
    /// <summary>
    /// Forward only: the database holds an unchanged beginning of the files, and the rest is pending, in the order of the numbers.
    /// </summary>
    public static MigrationPlan Make(IReadOnlyList<Migration> files, IReadOnlyList<AppliedMigration> applied)
    {
        var refusals = new List<string>();
        foreach (var twins in files.GroupBy(file => file.Version).Where(group => group.Count() > 1))
            refusals.Add($"{string.Join(" and ", twins.Select(file => file.Name).Order())} share a number. Renumber the newer one.");

        var byVersion = files.ToLookup(file => file.Version);
        foreach (var row in applied)
        {
            if (byVersion[row.Version].FirstOrDefault() is not { } file)
                refusals.Add($"{row.Name} is applied to the database and missing here. The database belongs to a newer build: run that one.");
            else if (file.Checksum != row.Checksum)
                refusals.Add($"{file.Name} was changed after it was applied. Restore it, and put the change into a new migration.");
        }

        var done = applied.Select(row => row.Version).ToHashSet();
        var newest = applied.Select(row => row.Version).DefaultIfEmpty().Max();
        var pending = files.Where(file => !done.Contains(file.Version)).OrderBy(file => file.Version).ToList();
        foreach (var late in pending.Where(file => file.Version < newest))
            refusals.Add($"{late.Name} comes before {newest:0000}, which is already applied. Give it the next free number.");

        return new MigrationPlan(pending, refusals);
    }
}
