using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Signalling;

WebApplication.CreateBuilder(args).AddRooms().AddMediaNode().AddSignalling().Build().MapSignalling();
