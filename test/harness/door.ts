export { FakeDoor, sendJson, type DoorHandler, type DoorRequest } from '@gatehouse/kit/testing/door'
