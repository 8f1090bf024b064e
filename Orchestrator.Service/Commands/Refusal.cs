using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Commands;

/// <summary>What an operator can mend, told in sentences; anything else is a fault of ours and keeps its stack trace.</summary>
/// <param name="Sentence">What, where, why and the remedy; never the password.</param>
/// <param name="ExitCode">Of sysexits.h: 69 if something that we need is away, 78 if a setting is wrong.</param>
internal sealed record Refusal(string Sentence, int ExitCode)
{
    private const int Unavailable = 69;
    private const int WrongSetting = 78;
    private const string Setting = "Orchestrator:Database:ConnectionString";

    /// <summary>Null if it is none of the known ones.</summary>
    /// <param name="failure">What ended the verb.</param>
    /// <param name="database">Asked for only where the sentence names the database.</param>
    public static Refusal? Of(Exception failure, Func<DatabaseOptions> database) => failure switch
    {
        MigrationException => new(failure.Message, Unavailable),
        PostgresException refused => OfServer(refused, Target.Of(database())),
        NpgsqlException { InnerException: SocketException or TimeoutException or IOException } => new(
            $"PostgreSQL at {Target.Of(database()).Server} can't be reached: {failure.InnerException.Message.TrimEnd('.')}. Check that it runs, and Host and Port in {Setting}.", Unavailable),
        IOException { InnerException: AddressInUseException } => new(
            $"{failure.Message.TrimEnd('.')}. Another node or program has it: end that, or choose another port in Orchestrator:Http:Url.", Unavailable),
        _ => null,
    };

    private static Refusal? OfServer(PostgresException refused, Target target) => refused.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => new(
            $"PostgreSQL at {target.Server} refuses the user: {refused.MessageText}. Check Username and Password in {Setting}.", WrongSetting),
        PostgresErrorCodes.InvalidCatalogName => new(
            $"PostgreSQL at {target.Server} has no such database: {refused.MessageText}. Create it, or correct Database in {Setting}.", WrongSetting),
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName => new(
            $"The database {target.Database} at {target.Server} lacks this version's schema: {refused.MessageText}. Run migrate first.", Unavailable),
        PostgresErrorCodes.InsufficientPrivilege => new(
            $"The database {target.Database} at {target.Server} refuses: {refused.MessageText}. Grant it to the user, or name another in {Setting}.", WrongSetting),
        PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.TooManyConnections => new(
            $"PostgreSQL at {target.Server} takes no connection: {refused.MessageText}. Try again once it does.", Unavailable),
        _ => null,
    };

    private sealed record Target(string Server, string Database)
    {
        public static Target Of(DatabaseOptions options)
        {
            var setting = new NpgsqlConnectionStringBuilder(options.ConnectionString);
            return new($"{setting.Host}:{setting.Port}", setting.Database ?? setting.Username ?? "");
        }
    }
}
