using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Persistence.Migrations;

/// <summary>One numbered SQL file of <c>migrations/</c>.</summary>
internal sealed partial record Migration(int Version, string Name, string Sql, string Checksum, bool InTransaction)
{
    /// <summary>
    /// A file that carries this line runs outside a transaction, for statements that demand it, such as CREATE INDEX CONCURRENTLY.
    /// It holds one statement, and one that can be run again: a crash after it and before its record runs it twice.
    /// </summary>
    internal const string NoTransaction = "-- migrate: no transaction";

    public static Migration Parse(string fileName, string text)
    {
        var match = FileName().Match(fileName);
        if (!match.Success)
            throw new InvalidOperationException(
                $"migrations/{fileName} is not named like a migration. Call it NNNN_name.sql, four digits and lower-case words, for example 0007_leases.sql.");

        // A checkout on another system may change the ends of lines; that is not a change of the migration.
        var sql = text.ReplaceLineEndings("\n");
        return new Migration(
            int.Parse(match.Groups["version"].ValueSpan, provider: null),
            fileName,
            sql,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))),
            !sql.Split('\n').Contains(NoTransaction));
    }

    [GeneratedRegex(@"^(?<version>\d{4})_[a-z0-9_]+\.sql$", RegexOptions.ExplicitCapture)]
    private static partial Regex FileName();
}

/// <summary>A row of <c>orchestrator.schema_migrations</c>.</summary>
internal sealed record AppliedMigration(int Version, string Name, string Checksum);
