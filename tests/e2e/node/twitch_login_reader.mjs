// Read and speak with Twurple, print what it tells. For tests/e2e/test_twitch_login.py.
// argv: folder of the packages, client id, token, id of the channel. TWURPLE_MOCK_API_PORT says where.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, clientId, token, room] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/x.js`));
const load = async name => import(pathToFileURL(require.resolve(name)));
const { StaticAuthProvider } = await load('@twurple/auth');
const { ApiClient } = await load('@twurple/api');
const { EventSubWsListener } = await load('@twurple/eventsub-ws');

const tell = (...told) => console.log(JSON.stringify(told));
const authProvider = new StaticAuthProvider(clientId, token);
const apiClient = new ApiClient({ authProvider });
const listener = new EventSubWsListener({ apiClient });
let made = 0;
listener.onSubscriptionCreateSuccess(() => { made += 1; if (made === 5) tell('ready'); });
listener.onSubscriptionCreateFailure((_, error) => tell('failed', String(error)));
listener.onUserSocketDisconnect((_, error) => tell('disconnected', String(error ?? '')));
listener.onChannelChatMessage(room, room, e =>
	tell('message', e.messageId, e.chatterId, e.messageText, Object.keys(e.badges)));
listener.onChannelChatNotification(room, room, e => tell('notice', e.type, e.messageText ?? '',
	e.viewerCount ?? e.amount ?? e.tier ?? null));
listener.onChannelChatMessageDelete(room, room, e => tell('deleted', e.messageId));
listener.onChannelChatClearUserMessages(room, room, e => tell('cleared', e.userId));
listener.onChannelChatClear(room, room, e => tell('wiped', e.broadcasterId));
listener.start();

const acts = {
	say: async text => {
		const sent = await apiClient.asUser(room, c => c.chat.sendChatMessage(room, text));
		tell('sent', sent.isSent, sent.id);
	},
	announce: text => apiClient.asUser(room, c => c.chat.sendAnnouncement(room, { message: text, color: 'green' })),
	delete: id => apiClient.moderation.deleteChatMessages(room, id),
	ban: id => apiClient.moderation.banUser(room, { user: id, reason: 'x', duration: 60 }),
	shield: async () => tell('shield', (await apiClient.moderation.updateShieldModeStatus(room, true)).isActive),
	end: () => { listener.stop(); process.exit(0); },
};
createInterface({ input: process.stdin }).on('line', line => {
	const [, name, rest] = /^(\S+) ?(.*)$/.exec(line);
	Promise.resolve(acts[name](rest)).catch(error => tell('error', String(error)));
});
