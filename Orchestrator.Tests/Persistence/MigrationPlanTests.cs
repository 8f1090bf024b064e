using Orchestrator.Persistence.Migrations;

namespace Orchestrator.Tests.Persistence;

public sealed class MigrationPlanTests
{
    private static readonly Migration First = Migration.Parse("0001_first.sql", "SELECT 1;\n");
    private static readonly Migration Second = Migration.Parse("0002_second.sql", "SELECT 2;\n");
    private static readonly Migration Third = Migration.Parse("0003_third.sql", "SELECT 3;\n");

    [Fact]
    public void What_is_not_applied_runs_in_the_order_of_the_numbers()
    {
        var plan = MigrationPlan.Make([Third, First, Second], [Applied(First)]);

        Assert.Equal([Second, Third], plan.Pending);
        Assert.Empty(plan.Refusals);
    }

    [Fact]
    public void A_changed_file_is_refused()
    {
        var plan = MigrationPlan.Make([Migration.Parse("0001_first.sql", "SELECT 11;\n")], [Applied(First)]);

        Assert.Equal(["0001_first.sql was changed after it was applied. Restore it, and put the change into a new migration."], plan.Refusals);
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        var plan = MigrationPlan.Make([First], [Applied(First), Applied(Second)]);

        Assert.Equal(["0002_second.sql is applied to the database and missing here. The database belongs to a newer build: run that one."], plan.Refusals);
    }

    [Fact]
    public void A_file_before_the_newest_applied_one_is_refused()
    {
        var plan = MigrationPlan.Make([First, Second, Third], [Applied(First), Applied(Third)]);

        Assert.Equal(["0002_second.sql comes before 0003, which is already applied. Give it the next free number."], plan.Refusals);
    }

    [Fact]
    public void Two_files_with_one_number_are_refused()
    {
        var plan = MigrationPlan.Make([First, Migration.Parse("0001_other.sql", "SELECT 1;")], []);

        Assert.Equal(["0001_first.sql and 0001_other.sql share a number. Renumber the newer one."], plan.Refusals);
    }

    [Fact]
    public void The_ends_of_lines_are_no_change()
    {
        Assert.Equal(First.Checksum, Migration.Parse("0001_first.sql", "SELECT 1;\r\n").Checksum);
    }

    [Theory]
    [InlineData("1_first.sql")]
    [InlineData("0001-first.sql")]
    [InlineData("0001_First.sql")]
    public void A_file_with_another_kind_of_name_is_refused(string name)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Migration.Parse(name, ""));

        Assert.StartsWith($"migrations/{name} is not named like a migration.", error.Message, StringComparison.Ordinal);
    }

    private static AppliedMigration Applied(Migration migration) => new(migration.Version, migration.Name, migration.Checksum);
}
